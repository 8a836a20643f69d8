"""A log with dead letters and rejected events of two people, for the tests of what people do about them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dompet.streams.parsing.places import Place
from dompet.streams.redrive.run import RedriveSession, redrive_session
from dompet.streams.settings import Settings
from dompet.streams.warehouse import Warehouse
from tests.model.events import Event
from tests.schemas.corpus import BAD, PARTITIONS
from tests.support.kafka_python import murmur2
from tests.support.log_reader import LogRecord, read_log
from tests.support.logs import RawRecord, as_record
from tests.support.sales import noon, order
from tests.support.stored import shown

DAY = "2020-04-10"
NAMED = {bad.name: bad for bad in BAD}


def reported(person: str, name: str, number: int, **own: object) -> Event:
    return {
        "type": name,
        "event_id": f"{person}-{number}",
        "beneficiary_id": person,
        "publisher_id": "programme",
        "occurred_at": noon(DAY) + number,
        **own,
    }


def credit(person: str) -> Event:
    return reported(person, "SaldoCredited", 0, credit_id="c", decree="d", wave=1, amount=1_000_000)


def purchase(person: str) -> Event:
    own = {"course_id": "k", "institution_id": "i", "price": 100_000, "commission": 0}
    return reported(person, "CoursePurchased", 1, **order(1), **own)


def completion(person: str) -> Event:
    return reported(person, "CourseCompleted", 7_200_000_000, **order(1), certificate_id="z", score=None)


def review(person: str) -> Event:
    return reported(person, "CourseReviewed", 7_200_000_001, **order(1), rating=5)


def partition_of(key: bytes) -> int:
    return int(murmur2(key) & 0x7FFFFFFF) % PARTITIONS


def cut(event: Event) -> RawRecord:
    """The event without its last byte."""
    whole = as_record(event)
    assert whole.value
    return whole._replace(value=whole.value[:-1])


RECORDS = [
    as_record(credit("late")),
    as_record(completion("late")),
    as_record(review("late")),
    as_record(purchase("late")),
    as_record(credit("broken")),
    cut(purchase("broken")),
    as_record(completion("broken")),
    as_record(review("broken")),
    as_record(purchase("moved"))._replace(partition=(partition_of(b"moved") + 1) % PARTITIONS),
    as_record(credit("moved")),
    *(RawRecord(NAMED[name].key, NAMED[name].value) for name in ("a national id", "JSON instead of Avro", "no value")),
]
"""`late` has its purchase reported after its completion and review; the purchase of `broken` is cut short, and so its
completion and review are rejected; that of `moved` lies in another partition than its key's."""


def place(kafka: str, topic: str, record: RawRecord) -> Place:
    """Where the first such record is."""
    found = next(one for one in read_log(kafka, topic) if (one.key, one.value) == (record.key, record.value))
    return Place(found.partition, found.offset)


def redriven(kafka: str, topic: str) -> list[LogRecord]:
    """What was redriven, in the log's order."""
    return [one for one in read_log(kafka, topic) if one.headers]


@contextmanager
def session_of(settings: Settings, by: str = "ani") -> Iterator[RedriveSession]:
    with redrive_session(settings, by) as at:
        yield at


def outcomes(warehouse: Warehouse, person: str) -> list[tuple[Any, Any, Any]]:
    """What became of a person's events, in the log's order."""
    rows = shown(warehouse, f"SELECT * FROM timeline WHERE beneficiary_id = '{person}' ORDER BY offset")
    return [(row["type"], row["outcome"], row["reason"]) for row in rows]
