"""However a pipeline ended, the next one goes on, and the journal is that of one that never stopped."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.pipeline import Pipeline
from dompet.streams.projector import Folded
from dompet.streams.settings import Settings
from dompet.streams.warehouse import Warehouse, open_warehouse
from tests.model import Model, Rulebook
from tests.streams.log_reader import read_log
from tests.support.crowd import crowd
from tests.support.folding import ENTITLES, PARTITIONS, SUPPORTED, Modelling, Row, differences
from tests.support.logs import as_record, corpus, expected_journal, made_log, write
from tests.support.pipelines import SettingsMaker, fold_some, fold_to_end, running, step
from tests.support.stored import as_wallets, delete, shown, stored_rows, types_of
from tests.support.warehouses import empty_warehouse, rows_of

BATCH = 50


class Log(NamedTuple):
    """A log, and what should become of it."""

    topic: str
    rows: list[Row]
    model: Model


@pytest.fixture(scope="module")
def log(kafka: str, kafka_admin: AdminClient) -> Iterator[Log]:
    model = Model(Rulebook.load(), SUPPORTED, entitlement=ENTITLES)
    records = [as_record(event) for event in crowd(3, 8)]
    for at, bad in enumerate(corpus()[::8]):
        records.insert(10 * at, bad)
    with made_log(kafka_admin) as topic:
        write(kafka, topic, records)
        yield Log(topic, expected_journal(read_log(kafka, topic), corpus(), Modelling(model)), model)


@pytest.fixture
def settings(log: Log, warehouse_url: str, settings_for: SettingsMaker) -> Settings:
    """For small batches from the log into an empty warehouse of each kind in turn."""
    return settings_for(log.topic, warehouse_url, batch=BATCH)


def assert_whole(settings: Settings, log: Log) -> None:
    """The warehouse holds what a pipeline makes that never stopped, each row once."""
    warehouse = open_warehouse(settings.warehouse)
    try:
        assert differences(stored_rows(warehouse), log.rows) == []
        assert shown(warehouse, "SELECT count() AS n FROM journal") == [{"n": len(log.rows)}]
        wallets = as_wallets(log.model, types_of(warehouse, "wallets"))
        assert shown(warehouse, "SELECT * FROM wallets ORDER BY beneficiary_id") == wallets
        assert shown(warehouse, "SELECT count() AS n FROM orders") == [{"n": len(log.model.orders)}]
        dead = sum(row["outcome"] == "dead" for row in log.rows)
        assert shown(warehouse, "SELECT count() AS n FROM dead_letters") == [{"n": dead}]
    finally:
        warehouse.close()


CRASHES = [
    ("dead_letter_rows", False),
    ("journal_rows", False),
    ("journal_rows", True),
    ("checkpoint_rows", True),
]
"""Before or after which insert the process ends."""


class Crash(Exception):
    """The process ends here."""


def crashing(pipeline: Pipeline, table: str, *, after: bool) -> None:
    """Let the process end just before, or just after, the next insert into this table."""
    warehouse: Any = pipeline.warehouse
    insert: Callable[[str, pa.Table], None] = warehouse.insert

    def insert_or_crash(into: str, rows: pa.Table) -> None:
        if into == table and not after:
            raise Crash
        insert(into, rows)
        if into == table:
            raise Crash

    warehouse.insert = insert_or_crash


def test_a_crash_at_any_point_of_storing_is_made_good(settings: Settings, log: Log) -> None:
    for table, after in CRASHES:
        with running(settings) as pipeline:
            fold_some(pipeline, 1)
            crashing(pipeline, table, after=after)
            with pytest.raises(Crash):
                fold_some(pipeline, 20)
    fold_to_end(settings)
    assert_whole(settings, log)


def last(warehouse: Warehouse) -> list[Row]:
    """The newest checkpoint of each partition."""
    return rows_of(warehouse, "SELECT * FROM checkpoints ORDER BY total_rows DESC")


def forget_the_last_checkpoint(warehouse: Warehouse) -> None:
    delete(warehouse, "checkpoint_rows", f"next_offset = {last(warehouse)[0]['next_offset']}")


def lose_the_last_rows(warehouse: Warehouse) -> None:
    one = last(warehouse)[0]
    delete(warehouse, "journal_rows", f"partition = {one['partition']} AND offset >= {one['next_offset'] - 2}")


def lose_an_early_row(warehouse: Warehouse) -> None:
    delete(warehouse, "journal_rows", f"partition = {last(warehouse)[0]['partition']} AND offset = 1")


def change_a_number(warehouse: Warehouse) -> None:
    one = last(warehouse)[0]
    place = f"partition = {one['partition']} AND offset = {one['next_offset'] - 1}"
    row = warehouse.read(f"SELECT * FROM journal_rows FINAL WHERE {place}")
    at = row.column_names.index("balance_after")
    warehouse.insert("journal_rows", row.set_column(at, "balance_after", pa.array([1], pa.int64())))


def lose_everything_but_the_checkpoints(warehouse: Warehouse) -> None:
    for table in ("journal_rows", "wallet_rows", "order_rows"):
        delete(warehouse, table, "1")


LOSSES = [
    forget_the_last_checkpoint,
    lose_the_last_rows,
    lose_an_early_row,
    change_a_number,
    lose_everything_but_the_checkpoints,
]


def test_what_a_power_cut_took_is_found_missing_and_made_again(settings: Settings, log: Log) -> None:
    before: dict[int, int] = {}
    for lose in (None, *LOSSES):
        with running(settings) as pipeline:
            positions = assigned(pipeline)
            assert all(positions[partition] <= offset for partition, offset in before.items())
            assert not before or any(positions[partition] < offset for partition, offset in before.items()), lose
            fold_some(pipeline, 3 if lose is None else 1)
            before = {one["partition"]: one["next_offset"] for one in last(pipeline.warehouse)}
            (lose or LOSSES[0])(pipeline.warehouse)
    fold_to_end(settings)
    assert_whole(settings, log)


def assigned(pipeline: Pipeline) -> dict[int, int]:
    """Where it goes on from. It may have stored a first batch by then."""
    positions: dict[int, int] = {}
    projector: Any = pipeline.projector
    assign = projector.assign

    def noting(log_ends: Any, generation: int) -> dict[int, int]:
        positions.update(assign(log_ends, generation))
        return dict(positions)

    projector.assign = noting
    while not pipeline.source.assigned:
        step(pipeline)
    return positions


def test_a_fresh_warehouse_begins_at_the_logs_beginning_whatever_the_group_has_read(
    settings_for: SettingsMaker, log: Log, warehouse_url: str
) -> None:
    settings = settings_for(log.topic, warehouse_url)
    fold_to_end(settings)
    warehouse = open_warehouse(warehouse_url)
    tables = ("journal_rows", "wallet_rows", "order_rows", "dead_letter_rows", "checkpoint_rows", "migrations")
    for name in (*tables, "wallet_feed", "order_feed"):
        warehouse.execute(f"DROP TABLE {name}")
    warehouse.close()
    fold_to_end(settings)
    assert_whole(settings, log)


def test_two_workers_of_a_group_share_the_log_and_take_over_from_each_other(
    settings_for: SettingsMaker, log: Log, clickhouse_server: str
) -> None:
    with empty_warehouse("server", clickhouse_server) as url:
        settings = settings_for(log.topic, url, batch=BATCH)
        with running(settings) as one:
            fold_some(one, 1)
            with running(settings) as other:
                while not (one.source.assigned and other.source.assigned):
                    step(one)
                    step(other)
                assert sorted(one.source.partitions + other.source.partitions) == list(range(PARTITIONS))
                assert len(one.source.partitions) == len(other.source.partitions)
                step(one)
                step(other)
            while len(one.source.partitions) < PARTITIONS:
                step(one)
        fold_to_end(settings)
        assert_whole(settings, log)


def test_what_a_worker_stores_that_has_lost_its_partitions_changes_nothing(
    settings_for: SettingsMaker, log: Log, clickhouse_server: str
) -> None:
    with empty_warehouse("server", clickhouse_server) as url:
        settings = settings_for(log.topic, url, batch=BATCH)
        with running(settings) as late:
            unstored: list[Folded | None] = []
            while len(unstored) < 3:
                if batch := late.source.read():
                    unstored.append(late.projector.project(batch.records, batch.generation))
            fold_to_end(settings_for(log.topic, url, group="successor"))
            for folded in unstored:
                assert folded is not None
                late.projector.store(folded)
        assert_whole(settings, log)
        with running(settings) as again:
            assert assigned(again) == again.source.ends()


def test_a_batch_of_an_earlier_assignment_is_not_folded(settings: Settings) -> None:
    with running(settings) as pipeline:
        while not (batch := pipeline.source.read()):
            pass
        assert pipeline.projector.project(batch.records, batch.generation - 1) is None
        assert pipeline.projector.wallets == 0
