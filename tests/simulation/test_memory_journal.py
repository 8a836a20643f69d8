"""The journal in memory answers as the one in SQL does, of the same stored data."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from dompet.streams.pipeline.checkpoints import Checkpoint
from dompet.streams.pipeline.projector import Projector
from dompet.streams.pipeline.sql_journal import SqlJournal
from dompet.streams.pipeline.stored_journal import KEYS, StoredJournal
from dompet.streams.warehouse import Warehouse
from tests.simulation.histories import History, history
from tests.simulation.memory_journal import MemoryJournal
from tests.simulation.storage import Storage, insert_of
from tests.simulation.worker import IDENTITY, RULES, Letters
from tests.support.warehouses import opened, plain

pytestmark = pytest.mark.server

BATCH = 4


class Both:
    """A warehouse of which every insert is done in memory, too."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self.storage = Storage()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warehouse, name)

    def insert(self, table: str, rows: pa.Table) -> None:
        self._warehouse.insert(table, rows)
        self.storage.apply(insert_of(table, rows))


def fill(both: Both, log: History) -> None:
    """Fold a history into both, and write the last batch without its checkpoints."""
    warehouse: Any = both
    letters: Any = Letters()
    projector = Projector(warehouse, RULES, IDENTITY, letters)
    positions = projector.assign({partition: (0, end) for partition, end in log.ends.items()}, 1)
    while (records := log.read(positions, BATCH)) is not None:
        positions = {p: min(offset + BATCH, log.ends[p]) for p, offset in positions.items()}
        folded = projector.project(records, 1)
        assert folded is not None
        if positions == log.ends:
            for name, table in folded.tables.items():
                both.insert(name, table)
        else:
            projector.store(folded)


@pytest.fixture(scope="module")
def journals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqlJournal, MemoryJournal]]:
    """Both, of one history, after all of it was written once and a part of it twice."""
    folder: Path = tmp_path_factory.mktemp("simulation") / "warehouse"
    with opened(f"chdb://{folder}") as warehouse:
        both = Both(warehouse)
        fill(both, history(0))
        yield SqlJournal(warehouse), MemoryJournal(both.storage)


def rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """A result's rows in an order of their own."""
    return sorted((tuple(row.items()) for row in plain(table)), key=repr)


def assert_same(journals: tuple[StoredJournal, StoredJournal], below: dict[int, int]) -> None:
    """Every question has one answer."""
    sql, memory = journals
    assert sql.tallies(below) == memory.tallies(below)
    assert sql.steps(below) == memory.steps(below)
    assert set(rows(sql.references(below))) == set(rows(memory.references(below)))
    for kind in KEYS:
        assert rows(sql.last_places(kind, below)) == rows(memory.last_places(kind, below))
        assert rows(sql.latest(kind, below)) == rows(memory.latest(kind, below))
        places = [(row["partition"], row["offset"]) for row in sql.last_places(kind, below).to_pylist()]
        if places:
            assert rows(sql.rows_at(kind, places)) == rows(memory.rows_at(kind, places))
    assert sql.newest_recorded_us(below) == memory.newest_recorded_us(below)


def test_every_question_has_one_answer_whatever_the_checkpoints(journals: tuple[SqlJournal, MemoryJournal]) -> None:
    ends, rng = history(0).ends, Random(1)
    for below in (ends, {0: ends[0]}, *({p: rng.randint(1, end) for p, end in ends.items() if end} for _ in range(3))):
        assert_same(journals, below)


def test_checkpoints_are_found_digested_and_voided_alike(journals: tuple[SqlJournal, MemoryJournal]) -> None:
    sql, memory = journals
    assert {tuple(one.items()) for one in sql.makers()} == {tuple(one.items()) for one in memory.makers()}
    for _ in range(2):
        newest = sql.newest_checkpoints([0, 1, 2])
        assert newest == memory.newest_checkpoints([0, 1, 2])
        assert newest
        assert sql.digests(newest) == memory.digests(newest)
        assert {one.partition: (one.rows, one.digest) for one in newest} == sql.digests(newest)
        for journal in journals:
            journal.void(newest[0])
    assert newest[0] not in sql.newest_checkpoints([0, 1, 2])


def test_a_credit_of_an_added_period_is_found_alike(journals: tuple[SqlJournal, MemoryJournal]) -> None:
    sql, memory = journals
    for begins_us in (0, 1_600_000_000_000_000, 2**50):
        found = sql.credit_since(IDENTITY.rules_digest, begins_us)
        assert found == memory.credit_since(IDENTITY.rules_digest, begins_us)
    assert sql.credit_since("another", 0) is None is memory.credit_since("another", 0)


def test_a_checkpoint_of_rows_that_are_not_there_has_no_digest(journals: tuple[SqlJournal, MemoryJournal]) -> None:
    absent = replace(Checkpoint(0, 0, 1, 1, 1, 1), first_offset=1_000, next_offset=1_001)
    for journal in journals:
        assert journal.digests([absent]) == {}
