"""However a pipeline ended, the next one goes on, and the journal is that of one that never stopped."""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.pipeline.assembly import Pipeline
from dompet.streams.settings import Settings
from dompet.streams.warehouse import Warehouse, open_warehouse
from tests.support.crowd import crowd
from tests.support.folding import Row
from tests.support.modelled import ModelledLog, assert_whole, modelled_log, with_bad_records
from tests.support.pipelines import SettingsMaker, fold_some, fold_to_end, running, step
from tests.support.stored import delete
from tests.support.warehouses import opened, rows_of

BATCH = 50


@pytest.fixture(scope="module")
def log(kafka: str, kafka_admin: AdminClient) -> Iterator[ModelledLog]:
    with modelled_log(kafka, kafka_admin, with_bad_records(crowd(3, 8))) as log:
        yield log


@pytest.fixture
def settings(log: ModelledLog, warehouse_url: str, settings_for: SettingsMaker) -> Settings:
    """For small batches from the log into an empty warehouse of each kind in turn."""
    return settings_for(log.topic, warehouse_url, batch=BATCH)


def finish(settings: Settings, log: ModelledLog) -> None:
    """Fold what is left; then all is there, as if nothing had ever stopped."""
    fold_to_end(settings)
    with opened(settings.warehouse) as warehouse:
        assert_whole(warehouse, log)


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


def test_a_crash_at_any_point_of_storing_is_made_good(settings: Settings, log: ModelledLog) -> None:
    for table, after in CRASHES:
        with running(settings) as pipeline:
            fold_some(pipeline, 1)
            crashing(pipeline, table, after=after)
            with pytest.raises(Crash):
                fold_some(pipeline, 20)
    finish(settings, log)


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


def test_what_a_power_cut_took_is_found_missing_and_made_again(settings: Settings, log: ModelledLog) -> None:
    before: dict[int, int] = {}
    for lose in (None, *LOSSES):
        with running(settings) as pipeline:
            positions = assigned(pipeline)
            assert all(positions[partition] <= offset for partition, offset in before.items())
            assert not before or any(positions[partition] < offset for partition, offset in before.items()), lose
            fold_some(pipeline, 3 if lose is None else 1)
            before = {one["partition"]: one["next_offset"] for one in last(pipeline.warehouse)}
            (lose or LOSSES[0])(pipeline.warehouse)
    finish(settings, log)


def assigned(pipeline: Pipeline) -> dict[int, int]:
    """Where it goes on from. It may have stored a first batch by then."""
    positions: dict[int, int] = {}
    projector: Any = pipeline.projector
    assign = projector.assign

    def noting(log_ends: Any, generation: int) -> dict[int, int]:
        starts: dict[int, int] = assign(log_ends, generation)
        positions.update(projector.progress.next_offsets)
        return starts

    projector.assign = noting
    while not pipeline.source.assigned:
        step(pipeline)
    return positions


def test_a_fresh_warehouse_begins_at_the_logs_beginning_whatever_the_group_has_read(
    settings_for: SettingsMaker, log: ModelledLog, warehouse_url: str
) -> None:
    settings = settings_for(log.topic, warehouse_url)
    fold_to_end(settings)
    warehouse = open_warehouse(warehouse_url)
    tables = ("journal_rows", "wallet_rows", "order_rows", "dead_letter_rows", "checkpoint_rows", "migrations")
    for name in tables:
        warehouse.execute(f"DROP TABLE {name}")
    warehouse.close()
    finish(settings, log)
