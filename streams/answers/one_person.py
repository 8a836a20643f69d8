"""A person as they are now, from one look at their events, where WALLET, TIMELINE, ORDERS and CLAWBACKS take four.

A row of the journal has the wallet and the order after its event: those after the last accepted one are as they are
now. A test compares the tables with the answers to those four questions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa

from dompet.projections.columns import LATEST, Column, Kind, Meaning
from dompet.projections.vocabulary import Flag
from dompet.streams.answers.filters import Filters
from dompet.streams.answers.narrow import partition_of_person
from dompet.streams.answers.orders import ORDERS
from dompet.streams.answers.people import CLAWBACKS, TIMELINE, WALLET
from dompet.streams.answers.question import Question
from dompet.streams.answers.wallet import AsOf, timeline_sql
from dompet.streams.warehouse.shown import flag_name
from dompet.streams.warehouse.tables import TABLES

EVENTS_MOST: Final = 2_000
"""A person with more events is asked for by the four questions, of which each has its own limit."""

PERSON_QUESTIONS: Final = (WALLET, TIMELINE, ORDERS, CLAWBACKS)

Row = Mapping[str, Any]
_OF_ORDER: Final = ("platform_id", "order_id")
_STATES: Final = {
    "refunded": "refunded",
    "reviewed_at_us": "reviewed",
    "completed_at_us": "completed",
    "redeemed_at_us": "redeemed",
}
"""By the stored column that is not 0: an order's state, the first that holds. Else it is purchased."""


def _declared(question: Question, table: str) -> dict[str, tuple[str, Column]]:
    """By the question's column, the journal's column with its value after an event, and what is stored there."""
    columns = {column.name.removesuffix("_us").replace("flag_bits", "flags"): column for column in TABLES[table]}
    sources = LATEST[table]
    return {
        name: (sources[columns[name].name], columns[name])
        for name in question.columns
        if name in columns and columns[name].name not in ("beneficiary_id", *_OF_ORDER)
    }


_WALLET: Final = _declared(WALLET, "wallet_rows")
_ORDER: Final = _declared(ORDERS, "order_rows")
_ENDINGS: Final = ("officer_id", "note")
_CLAWBACK: Final = ("clawback_id", "clawback_ordered_change", "clawback_repaid_change")
_MORE: Final = sorted(
    {"event_id", "partition", "offset", LATEST["order_rows"]["refunded"], *_ENDINGS, *_CLAWBACK}
    | {source for source, _ in (*_WALLET.values(), *_ORDER.values())} - {"balance_after", "status_after"}
)
"""Of the journal's columns, those that the timeline has not."""


def person_sql(filters: Filters) -> str | None:
    """The query for everything; None where more is filtered by than the person."""
    others = (one.name for one in fields(filters) if one.name not in ("person", "partitions"))
    if filters.person is None or any(getattr(filters, name) is not None for name in others):
        return None
    as_of = AsOf(filters.person, partition=partition_of_person(filters))
    return f"{timeline_sql(as_of, _MORE)}LIMIT {EVENTS_MOST + 1}"


def person_tables(found: pa.Table, person: str) -> dict[str, pa.Table] | None:
    """From its answer, by the question's name, all rows of each; None where the person has more events."""
    if found.num_rows > EVENTS_MOST:
        return None
    rows = found.to_pylist() if found.num_rows else []
    accepted = [row for row in rows if row["outcome"] == "accepted"]
    made = ((WALLET, _wallet(accepted)), (ORDERS, _orders(accepted)), (CLAWBACKS, _clawbacks(accepted)))
    tables = {
        question.name: pa.Table.from_pylist([{"beneficiary_id": person, **row} for row in some], schema=question.schema)
        for question, some in made
    }
    return {TIMELINE.name: TIMELINE.typed(found), **tables}


def _wallet(accepted: Sequence[Row]) -> list[dict[str, Any]]:
    return [_after(_WALLET, accepted[-1])] if accepted else []


def _orders(accepted: Sequence[Row]) -> Iterator[dict[str, Any]]:
    events: dict[tuple[str, ...], list[Row]] = {}
    for row in accepted:
        if row["order_id"]:
            events.setdefault(tuple(row[name] for name in _OF_ORDER), []).append(row)
    for key, of_order in events.items():
        last = of_order[-1]
        cleared = [row for row in of_order if row["type"] == "OrderCleared"]
        yield {
            **dict(zip(_OF_ORDER, key, strict=True)),
            **_after(_ORDER, last),
            "wave": accepted[-1]["wave_after"],
            "state": _state(last),
            "refunded_at": _latest(row["occurred_at"] for row in of_order if row["type"] == "PurchaseRefunded"),
            "cleared_at": _latest(row["occurred_at"] for row in cleared),
            "cleared_by": cleared[0]["officer_id"] or None if cleared else None,
            "clearing_note": cleared[0]["note"] or None if cleared else None,
        }


def _state(row: Row) -> str:
    return next((name for stored, name in _STATES.items() if row[LATEST["order_rows"][stored]]), "purchased")


def _clawbacks(accepted: Sequence[Row]) -> Iterator[dict[str, Any]]:
    events: dict[str, list[Row]] = {}
    for row in accepted:
        if row["type"] in ("ClawbackOrdered", "ClawbackRepaid"):
            events.setdefault(row["clawback_id"], []).append(row)
    for name, some in events.items():
        repaid = [row for row in some if row["type"] == "ClawbackRepaid"]
        ordered_sum = sum(row["clawback_ordered_change"] for row in some)
        repaid_sum = sum(row["clawback_repaid_change"] for row in some)
        yield {
            "clawback_id": name,
            "wave": some[0]["wave_after"],
            "decree": some[0]["decree_after"],
            "ordered_at": _latest(row["occurred_at"] for row in some if row["type"] == "ClawbackOrdered"),
            "ordered": ordered_sum,
            "repaid": repaid_sum,
            "outstanding": ordered_sum - repaid_sum,
            "repayments": len(repaid),
            "last_repaid_at": _latest(row["occurred_at"] for row in repaid),
        }


def _after(declared: Mapping[str, tuple[str, Column]], row: Row) -> dict[str, Any]:
    return {name: _value(column, row[source]) for name, (source, column) in declared.items()}


def _value(column: Column, stored: Any) -> Any:
    """What people are shown of a stored value, as views show it."""
    if column.absent and (stored is None or (column.kind is not Kind.NULLABLE and stored in (0, ""))):
        return None
    match column.meaning:
        case Meaning.MOMENT:
            return datetime.fromtimestamp(stored // 1_000_000, UTC)
        case Meaning.YES_NO:
            return bool(stored)
        case Meaning.FLAGS:
            return [flag_name(one) for one in Flag if stored & one]
    return stored


def _latest(moments: Iterable[Any]) -> datetime | None:
    """The last of them, which a server gives as seconds or as a time without a zone."""
    found = max(moments, default=None)
    if found is None:
        return None
    return datetime.fromtimestamp(found, UTC) if isinstance(found, int) else found.replace(tzinfo=UTC)
