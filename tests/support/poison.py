"""Poison for logs: every kind of the fixed corpus, and what Hypothesis makes of bytes; and what was found of it."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from typing import NamedTuple

from confluent_kafka import KafkaError, Message, Producer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dompet.schemas.dead import DeadRecord
from dompet.schemas.wire import examine
from dompet.streams.warehouse import Warehouse
from tests.schemas.corpus import PARTITIONS
from tests.schemas.log_records import any_record
from tests.support.log_reader import read_log
from tests.support.logs import RawRecord, corpus
from tests.support.warehouses import rows_of

_ANY_BYTES = st.none() | st.binary(max_size=200)
_ANY_RECORDS = st.integers(0, 2**32 - 1).map(any_record).map(tuple) | st.tuples(
    _ANY_BYTES, _ANY_BYTES, st.integers(0, PARTITIONS - 1)
)


class Letter(NamedTuple):
    """A dead letter: where it stood, and its bytes."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


def fuzzed(examples: int) -> list[RawRecord]:
    """Bad records of Hypothesis's making, the same ones each time; a good deal fewer than the examples."""
    found: dict[RawRecord, None] = {}

    @settings(
        max_examples=examples, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(_ANY_RECORDS)
    def look(made: tuple[bytes | None, bytes | None, int]) -> None:
        record = RawRecord(made[0], made[1], made[2] % PARTITIONS)
        if _dead(record):
            found[record] = None

    look()
    return list(found)


def poisons(count: int, examples: int = 2_000) -> list[RawRecord]:
    """So many bad records: the corpus and the fuzzed ones in turn, both from their beginning again where they end."""
    kinds = (cycle(corpus()), cycle(fuzzed(examples)))
    return [next(kinds[number % 2]) for number in range(count)]


def poisoned(events: Iterable[RawRecord], poison: Sequence[RawRecord], every: int) -> Iterator[tuple[RawRecord, bool]]:
    """The events with one poison after every so many of them, and which record is poison."""
    rest, left = iter(events), iter(poison)
    while part := list(islice(rest, every)):
        yield from ((event, False) for event in part)
        yield from ((bad, True) for bad in islice(left, 1))


def publish(kafka: str, topic: str, records: Iterable[tuple[RawRecord, bool]]) -> list[Letter]:
    """Write records as they are; the poison among them, as it is in the log, sorted."""
    producer = Producer({"bootstrap.servers": kafka, "partitioner": "murmur2_random", "linger.ms": 50, "acks": "all"})
    letters: list[Letter] = []
    refused: list[str] = []

    def reported(error: KafkaError | None, message: Message, sent: RawRecord) -> None:
        if error is not None:
            refused.append(error.str())
        else:
            letters.append(Letter(message.partition() or 0, message.offset() or 0, sent.key, sent.value))

    for record, bad in records:
        # The reports of a million good ones would take longer than sending them.
        report = partial(reported, sent=record) if bad else None
        place = -1 if record.partition is None else record.partition
        while True:
            try:
                producer.produce(topic, record.value, record.key, place, on_delivery=report)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    assert (producer.flush(60), refused) == (0, [])
    return sorted(letters, key=lambda one: one[:2])


def in_the_table(warehouse: Warehouse) -> list[Letter]:
    """The dead letters that the warehouse has, sorted."""
    rows = rows_of(
        warehouse,
        "SELECT partition, offset, isNull(key) AS no_key, isNull(value) AS no_value, hex(ifNull(key, '')) AS key_hex,"
        " hex(ifNull(value, '')) AS value_hex FROM dead_letters ORDER BY partition, offset",
    )
    return [
        Letter(
            row["partition"],
            row["offset"],
            None if row["no_key"] else bytes.fromhex(row["key_hex"]),
            None if row["no_value"] else bytes.fromhex(row["value_hex"]),
        )
        for row in rows
    ]


def on_the_topic(kafka: str, topic: str) -> list[Letter]:
    """The dead letters that the log's dead-letter topic has, by the origin that they name, each once, sorted."""
    found = set()
    for letter in read_log(kafka, f"{topic}-dlq"):
        about = dict(letter.headers)
        partition, offset = (int(about[f"__connect.errors.{name}"]) for name in ("partition", "offset"))
        found.add(Letter(partition, offset, letter.key, letter.value))
    return sorted(found, key=lambda one: one[:2])


def _dead(record: RawRecord) -> bool:
    try:
        examine(record.key, record.value, record.partition or 0, PARTITIONS)
    except DeadRecord:
        return True
    return False
