"""Logs for tests: written without the publisher, and what a journal should say of them."""

import io
import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import fastavro
from confluent_kafka import KafkaError, Producer
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs re-export only some of these
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from dompet.projections.columns import COLUMNS, Kind
from dompet.schemas.topics import declared_topics
from dompet.streams.kafka.topics import ensure_topics
from tests.model.contracts import SCHEMAS
from tests.model.events import Event
from tests.schemas.corpus import BAD, KEY_PARTITION, PARTITIONS, BadRecord
from tests.support.folding import Modelling, Row
from tests.support.kafka_python import murmur2
from tests.support.log_reader import LogRecord

_EMPTY = {Kind.STRING: "", Kind.CATEGORY: "", Kind.NULLABLE: None}
_NOTHING = {column.name: _EMPTY.get(column.kind, 0) for column in COLUMNS}


class RawRecord(NamedTuple):
    """A record to write; into its key's partition unless one is given, and at its own time, in milliseconds, where the
    topic takes that.
    """

    key: bytes | None
    value: bytes | None
    partition: int | None = None
    timestamp_ms: int = 0


@contextmanager
def made_log(admin: AdminClient, **config: str) -> Iterator[str]:
    """A log topic and its dead letters, with a name of its own, deleted afterwards. `config`: settings of the log that
    are not as declared, with underscores for dots.
    """
    topics = declared_topics(log=f"test-{uuid.uuid4()}")
    other = {name.replace("_", "."): value for name, value in config.items()}
    ensure_topics(admin, [replace(topics.log, config={**topics.log.config, **other}), topics.dead_letters])
    yield topics.log.name
    for deleted in admin.delete_topics([topics.log.name, topics.dead_letters.name]).values():
        deleted.result()


def alter(admin: AdminClient, topic: str, name: str, value: str) -> None:
    """Change one of a topic's settings."""
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin.incremental_alter_configs([resource])[resource].result()


def write(kafka: str, topic: str, records: Iterable[RawRecord]) -> None:
    """Write records as they are, in order."""
    settings = {"partitioner": "murmur2_random", "enable.idempotence": True, "linger.ms": 20}
    producer = Producer({"bootstrap.servers": kafka, "log_level": 0, **settings})
    refused: list[str] = []

    def delivered(error: KafkaError | None, message: object) -> None:
        if error is not None:
            refused.append(error.str())

    for record in records:
        place = -1 if record.partition is None else record.partition  # −1: the partitioner's
        producer.produce(topic, record.value, record.key, place, delivered, timestamp=record.timestamp_ms)
    assert (producer.flush(30), refused) == (0, [])


def as_record(event: Event) -> RawRecord:
    """An event as another publisher would write it: fastavro's encoding of the contract."""
    name = f"dompet.v1.{event['type']}"
    number, schema = next((number, schema) for number, schema in _schemas().items() if schema["name"] == name)
    body = io.BytesIO()
    fastavro.schemaless_writer(body, schema, {name: value for name, value in event.items() if name != "type"})
    return RawRecord(str(event["beneficiary_id"]).encode(), b"\0" + number.to_bytes(4, "big") + body.getvalue())


def as_event(value: bytes) -> Event:
    """The event in a valid value, by fastavro."""
    schema = _schemas()[int.from_bytes(value[1:5], "big")]
    fields: Any = fastavro.schemaless_reader(io.BytesIO(value[5:]), schema, None)
    return {"type": schema["name"].rpartition(".")[2], **fields}


@cache
def _schemas() -> dict[int, Any]:
    """By schema id; times stay integers."""
    ids = dict(line.split(" = ") for line in (SCHEMAS / "ids.toml").read_text().splitlines() if " = 1" in line)
    schemas = {}
    for name, number in ids.items():
        schema = json.loads((SCHEMAS / "avro" / f"{json.loads(name)}.avsc").read_text())
        for field in schema["fields"]:
            if isinstance(field["type"], dict):
                field["type"] = field["type"]["type"]
        schemas[int(number)] = fastavro.parse_schema(schema)
    return schemas


def corpus() -> list[RawRecord]:
    """The bad records of the corpus, in the partitions that they are bad in."""
    return [RawRecord(bad.key, bad.value, _partition(bad)) for bad in BAD]


def _partition(bad: BadRecord) -> int:
    if bad.partition is not None:
        return bad.partition
    return KEY_PARTITION if bad.key is None else (murmur2(bad.key) & 0x7FFFFFFF) % PARTITIONS


def expected_journal(log: Sequence[LogRecord], dead: Collection[RawRecord], modelling: Modelling) -> list[Row]:
    """The rows that a journal should have of a log, by partition and offset."""
    lost = set(dead)
    return [
        _expected(record, modelling, RawRecord(record.key, record.value, record.partition) in lost) for record in log
    ]


def _expected(record: LogRecord, modelling: Modelling, dead: bool) -> Row:
    row = dict(_NOTHING, outcome="dead") if dead else modelling.rows([as_event(record.value)])[0]
    return row | {
        "partition": record.partition,
        "offset": record.offset,
        "recorded_at_us": record.timestamp_ms * 1000,
    }
