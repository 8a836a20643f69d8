"""A worker on a real Kafka and either warehouse: what it stores is what the model says of the log."""

from collections.abc import Iterator
from random import Random

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.warehouse import Warehouse, open_warehouse
from tests.schemas.corpus import BAD, GOOD
from tests.support.crowd import crowd
from tests.support.log_reader import read_log
from tests.support.logs import RawRecord, as_record, corpus
from tests.support.modelled import ModelledLog, assert_whole, modelled_log
from tests.support.pipelines import SettingsMaker
from tests.support.stored import shown
from tests.support.warehouses import KINDS, empty_warehouse, plain
from tests.support.workers import run_to_end

BATCH = 150


def mixed() -> list[RawRecord]:
    """Bad records one after another, then events with a bad or an odd record after every fifth."""
    rng = Random(1)
    odd = [RawRecord(good.key, good.value) for good in GOOD] + corpus()
    rng.shuffle(odd)
    events = [as_record(event) for event in crowd(1, 15)]
    for at, record in enumerate(odd):
        events.insert(min(6 * at, len(events)), record)
    return corpus() + events


@pytest.fixture(scope="module")
def log(kafka: str, kafka_admin: AdminClient) -> Iterator[ModelledLog]:
    with modelled_log(kafka, kafka_admin, mixed()) as log:
        yield log


@pytest.fixture(scope="module", params=KINDS)
def warehouse(
    request: pytest.FixtureRequest, clickhouse_server: str, settings_for: SettingsMaker, log: ModelledLog
) -> Iterator[Warehouse]:
    """A warehouse of each kind in turn, into which a worker folded the log in small batches."""
    with empty_warehouse(request.param, clickhouse_server) as url:
        run_to_end(settings_for(log.topic, url, batch=BATCH))
        warehouse = open_warehouse(url)
        yield warehouse
        warehouse.close()


def test_journal_wallets_and_orders_are_the_models(warehouse: Warehouse, log: ModelledLog) -> None:
    assert_whole(warehouse, log)


def test_offsets_have_no_holes_for_dead_records_either(warehouse: Warehouse, log: ModelledLog) -> None:
    places = shown(warehouse, "SELECT partition, offset FROM journal ORDER BY partition, offset")
    assert [(place["partition"], place["offset"]) for place in places] == [record[:2] for record in log.records]
    dead = shown(warehouse, "SELECT count() AS n FROM journal WHERE outcome = 'dead'")
    assert dead == [{"n": 2 * len(BAD)}]


def test_dead_letters_are_in_the_warehouse_with_their_bytes_and_the_fault(
    warehouse: Warehouse, log: ModelledLog
) -> None:
    found = plain(warehouse.read("SELECT * FROM dead_letters ORDER BY partition, offset"))
    faults = {(bad.key, bad.value): bad.expected.__name__.encode() for bad in reversed(BAD)}
    assert [(row["partition"], row["offset"], row["key"], row["value"]) for row in found] == [
        record[:4] for record in log.dead
    ]
    assert {row["topic"] for row in found} == {log.topic.encode()}
    assert all(row["message"] for row in found)
    assert sorted(row["error"] for row in found) == sorted(2 * [bad.expected.__name__.encode() for bad in BAD])
    assert all(
        row["error"] == faults[row["key"], row["value"]] for row in found if (row["key"], row["value"]) in faults
    )


def test_dead_letters_are_on_their_topic_unchanged_and_say_where_they_came_from(
    warehouse: Warehouse, kafka: str, log: ModelledLog
) -> None:
    letters = {}
    for letter in read_log(kafka, f"{log.topic}-dlq"):
        about = {name.removeprefix("__connect.errors."): value for name, value in letter.headers}
        assert about["topic"] == log.topic.encode()
        assert about["exception.message"]
        letters[int(about["partition"]), int(about["offset"])] = letter, about["exception.class.name"]
    assert [(place, letter.key, letter.value) for place, (letter, _) in sorted(letters.items())] == [
        (record[:2], record.key, record.value) for record in log.dead
    ]
    stored = plain(warehouse.read("SELECT error FROM dead_letters ORDER BY partition, offset"))
    assert [row["error"] for row in stored] == [fault for _, (_, fault) in sorted(letters.items())]


def test_the_checkpoints_are_at_the_logs_end(warehouse: Warehouse, log: ModelledLog) -> None:
    ends = {record.partition: record.offset + 1 for record in log.records}
    found = shown(warehouse, "SELECT partition, next_offset, total_rows FROM checkpoints")
    assert {one["partition"]: one["next_offset"] for one in found} == ends
    assert {one["partition"]: one["total_rows"] for one in found} == ends
