"""Events as they were published, from the journal's columns."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dompet.projections.columns import EVENT
from dompet.schemas.contracts import Kind, events_by_name
from dompet.schemas.errors import DompetError
from dompet.streams.parsing.places import Place, in_places, read_place
from dompet.streams.warehouse.client import WarehouseClient

_JOURNAL_NAMES: Final = {"reason": "stated_reason", "occurred_at": "occurred_at_us"}
_AFTER: Final = (
    *("outcome", "reason", "flag_bits", "credited_change", "spent_change", "refunded_change", "returned_change"),
    *("incentive_due_change", "incentive_paid_change", "clawback_ordered_change", "clawback_repaid_change"),
    *("status_after", "balance_after"),
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def published_of(client: WarehouseClient, places: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """The events at these places, each by its type's own fields, in the log's order."""
    return [_event(row) for row in _rows(client, [Place(*one) for one in places])] if places else []


def published_at(client: WarehouseClient, text: str) -> dict[str, Any] | None:
    """The event at PARTITION:OFFSET, with its place, outcome and effect; None where there is none."""
    try:
        place = read_place(text)
    except DompetError:
        return None
    if place.partition >= 1 << 31:
        return None
    found = _rows(client, [place])
    if not found or found[0]["outcome"] == "dead":
        return None
    row = found[0]
    return {
        "place": str(place),
        "recorded_at": _moment(row["recorded_at_us"]),
        "published": _event(row),
        "outcome": row["outcome"],
        "reason": row["reason"],
        "changes": {name: row[name] for name in _AFTER if name.endswith("_change") and row[name]},
        "balance_after": row["balance_after"],
        "status_after": row["status_after"],
    }


def _rows(client: WarehouseClient, places: Sequence[Place]) -> list[dict[str, Any]]:
    names = ", ".join(["partition", "offset", "recorded_at_us", *(column.name for column in EVENT), *_AFTER])
    sql = f"SELECT {names} FROM journal_rows FINAL PREWHERE {in_places(places)} ORDER BY partition, offset"  # noqa: S608
    rows: list[dict[str, Any]] = client.read(sql).to_pylist()
    return rows


def _event(row: dict[str, Any]) -> dict[str, Any]:
    contract = events_by_name()[row["type"]]
    fields: dict[str, Any] = {"type": row["type"]}
    for one in contract.fields:
        value = row[_JOURNAL_NAMES.get(one.name, one.name)]
        if one.name == "occurred_at":
            value = _moment(value).isoformat().replace("+00:00", "Z")
        fields[one.name] = bool(value) if one.kind is Kind.BOOLEAN else value
    return fields


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
