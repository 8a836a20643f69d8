"""Whoever publishes the same events, in whatever way, the journal says the same of them."""

import io
import json
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.publish import Publisher
from dompet.streams.publish.counted import OnError
from dompet.streams.publish.lines import publish_lines
from dompet.streams.warehouse import open_warehouse
from tests.model import Model, Rulebook
from tests.model.events import Event
from tests.support.crowd import crowd
from tests.support.folding import Modelling, Row
from tests.support.kafka_python import KafkaProducer
from tests.support.logs import as_record, made_log
from tests.support.pipelines import SettingsMaker, fold_to_end
from tests.support.stored import moment, stored_rows
from tests.support.warehouses import empty_warehouse

PLACE = ("offset", "recorded_at_us")


def by_the_publisher(kafka: str, topic: str, events: list[Event]) -> None:
    with Publisher(kafka, topic) as publisher:
        for event in events:
            fields = dict(event)
            publisher.publish_fields(fields.pop("type"), fields)


def by_kafka_python_and_fastavro(kafka: str, topic: str, events: list[Event]) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka, compression_type="gzip")
    for event in events:
        record = as_record(event)
        producer.send(topic, key=record.key, value=record.value)
    producer.close()


def by_lines_of_json(kafka: str, topic: str, events: list[Event]) -> None:
    lines = io.BytesIO(b"".join(json.dumps(as_line(event)).encode() + b"\n" for event in events))
    complaints: list[str] = []
    with Publisher(kafka, topic) as publisher:
        publish_lines(publisher, lines, "events.jsonl", on_error=OnError.SKIP, complain=complaints.append)
    assert complaints == []


def as_line(event: Event) -> Event:
    """With its time in text, as people write it."""
    micros = event["occurred_at"]
    return event | {"occurred_at": f"{moment(micros)}.{micros % 1_000_000:06d}+00:00".replace(" ", "T")}


PUBLISHERS = [by_the_publisher, by_kafka_python_and_fastavro, by_lines_of_json]


def lives(rows: list[Row]) -> dict[str, list[Row]]:
    """What the journal says of each person, in order, wherever on the log it is."""
    reported: dict[str, list[Row]] = {}
    for row in rows:
        reported.setdefault(row["beneficiary_id"], []).append({n: v for n, v in row.items() if n not in PLACE})
    return reported


@pytest.fixture(scope="module")
def events() -> list[Event]:
    return crowd(2, 6)


@pytest.fixture(scope="module")
def expected(events: list[Event]) -> dict[str, list[Row]]:
    return lives(Modelling(Model(Rulebook.load())).rows(events))


@pytest.fixture
def topic(kafka_admin: AdminClient) -> Iterator[str]:
    with made_log(kafka_admin) as topic:
        yield topic


@pytest.mark.parametrize("publish", PUBLISHERS)
def test_the_journal_is_the_same_whoever_published(
    publish: Callable[[str, str, list[Event]], None],
    kafka: str,
    topic: str,
    settings_for: SettingsMaker,
    clickhouse_server: str,
    events: list[Event],
    expected: dict[str, list[Row]],
) -> None:
    publish(kafka, topic, events)
    with empty_warehouse("server", clickhouse_server) as url:
        fold_to_end(settings_for(topic, url))
        warehouse = open_warehouse(url)
        assert lives(stored_rows(warehouse)) == expected
        warehouse.close()
