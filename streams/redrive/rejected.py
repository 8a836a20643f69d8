"""Rejected events as the journal has them: looked for, with what was rejected after them, and as bytes again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dompet.projections.columns import EVENT
from dompet.schemas.contracts import Kind, events_by_name
from dompet.schemas.errors import DompetError
from dompet.schemas.wire import encode_fields
from dompet.streams.kafka.records import LogReader
from dompet.streams.parsing.places import Place, in_places
from dompet.streams.redrive.consequences import Event, follows
from dompet.streams.redrive.drive import REBUILT, UNCHANGED, Item
from dompet.streams.warehouse.base import bound
from dompet.streams.warehouse.client import WarehouseClient

_JOURNAL_NAMES: Final = {"reason": "stated_reason", "occurred_at": "occurred_at_us"}


@dataclass(frozen=True)
class Chosen:
    """Which rejected events; what is None does not matter. Times are UTC microseconds, of the log's recording."""

    reason: str | None = None
    publisher: str | None = None
    person: str | None = None
    partition: int | None = None
    since_us: int | None = None
    until_us: int | None = None

    @property
    def everything(self) -> bool:
        """Whether no rejected event is left out."""
        return all(one is None for one in vars(self).values())

    def where(self) -> str:
        """The condition in SQL, over the journal's rows."""
        conditions = {
            "reason = %(reason)s": self.reason,
            "publisher_id = %(publisher)s": self.publisher,
            "beneficiary_id = %(person)s": self.person,
            "partition = %(partition)s": self.partition,
            "recorded_at_us >= %(since_us)s": self.since_us,
            "recorded_at_us <= %(until_us)s": self.until_us,
        }
        given = [condition for condition, value in conditions.items() if value is not None]
        return bound(" AND ".join(["outcome = 'rejected'", *given]), dict(vars(self)))


def rejected_of(client: WarehouseClient, people: Iterable[str]) -> list[Event]:
    """Every rejected event of these people, in the log's order."""
    names = tuple(dict.fromkeys(people))
    return _rows(client, bound("beneficiary_id IN %(people)s", {"people": names})) if names else []


def chosen_with_people(client: WarehouseClient, chosen: Chosen) -> tuple[set[Place], list[Event]]:
    """Where the chosen events are, and every rejected event of their people, in the log's order."""
    found = client.read(f"SELECT partition, offset FROM journal_rows FINAL WHERE {chosen.where()}")  # noqa: S608
    places = {Place(row["partition"], row["offset"]) for row in found.to_pylist()}
    people = f"beneficiary_id IN (SELECT beneficiary_id FROM journal_rows FINAL WHERE {chosen.where()})"  # noqa: S608
    return places, _rows(client, people) if places else []


def later_than(failed: Sequence[Event], rejected: Sequence[Event]) -> list[Event]:
    """Which of these rejected events may have been rejected because an event before them failed: one of `failed`, of
    the same person, or one of those in turn. Both in the log's order.
    """
    by_person: dict[str, list[Event]] = {}
    for event in failed:
        by_person.setdefault(str(event["beneficiary_id"]), []).append(event)
    known, found = {place_of(event) for event in failed}, []
    for later in rejected:
        before = by_person.get(str(later["beneficiary_id"]), [])
        if place_of(later) not in known and any(
            order_of(one) < order_of(later) and follows(one, later) for one in before
        ):
            before.append(later)
            found.append(later)
    return found


def order_of(event: Event) -> tuple[int, int, int]:
    """What events are sorted by: the log's own time, and their place where it is the same."""
    return int(event["recorded_at_us"]), *place_of(event)


def place_of(event: Event) -> Place:
    """Where the event is in the log."""
    return Place(int(event["partition"]), int(event["offset"]))


def as_items(reader: LogReader, events: Sequence[Event]) -> list[Item]:
    """The events as they were, byte for byte, from the log; rebuilt from the journal where the log has lost them.

    DompetError where the log has another record there: it is not the journal's.
    """
    records = reader.at(place_of(event) for event in events)
    items = []
    for event in events:
        place, key, value = place_of(event), str(event["beneficiary_id"]).encode(), _rebuilt(event)
        record = records.get(place)
        if record is None:
            items.append(Item(place, key, value, REBUILT, str(event["reason"])))
            continue
        if record.key != key:
            raise DompetError(f"the log's record at {place} is not the one that the journal has: is it another log?")
        items.append(Item(place, key, record.value, UNCHANGED, str(event["reason"])))
    return items


def _rebuilt(event: Event) -> bytes:
    contract = events_by_name()[str(event["type"])]
    fields: dict[str, object] = {}
    for one in contract.fields:
        value = event[_JOURNAL_NAMES.get(one.name, one.name)]
        fields[one.name] = bool(value) if one.kind is Kind.BOOLEAN else value
    return encode_fields(contract.name, fields)


def _rows(client: WarehouseClient, condition: str) -> list[Mapping[str, Any]]:
    names = ", ".join(["partition", "offset", "recorded_at_us", *(column.name for column in EVENT), "reason"])
    rows: list[Mapping[str, Any]] = client.read(
        f"SELECT {names} FROM journal_rows FINAL WHERE outcome = 'rejected' AND {condition} ORDER BY partition, offset"  # noqa: S608
    ).to_pylist()
    return rows


def rejected_at(client: WarehouseClient, places: Iterable[Place]) -> list[Event]:
    """The rejected events at these places, in the log's order; places without one are left out."""
    return _rows(client, in_places(places))
