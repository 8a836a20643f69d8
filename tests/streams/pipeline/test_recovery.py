"""State recovered from the journal as of a checkpoint is the state of a fold that stopped there."""

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from dompet.schemas.records import Records
from dompet.streams.pipeline.recovery import RecoveryError, recover
from dompet.streams.pipeline.sql_journal import SqlJournal
from dompet.streams.warehouse import Warehouse
from tests.model.events import Event
from tests.support.crowd import crowd
from tests.support.folding import PARTITIONS, Folding, Row, differences, records
from tests.support.stored import delete, folded, shown, store

BY_KEY = {"wallets": "ORDER BY beneficiary_id", "orders": "ORDER BY beneficiary_id, platform_id, order_id"}
BATCH = 50
ALL = dict.fromkeys(range(PARTITIONS), 2**40)


class Journal:
    """A log that was folded in batches: the events, what they became, and the tables to insert."""

    def __init__(self) -> None:
        self.events = crowd(1, 8)
        self.rows: list[Row] = []
        self.tables: list[pa.Table] = []
        folding = Folding(seed=1)
        for begin in range(0, len(self.events), BATCH):
            table, rows = folded(folding, records(self.events[begin : begin + BATCH], begin))
            self.tables.append(table)
            self.rows += rows

    def is_below(self, upto: Mapping[int, int]) -> list[bool]:
        return [row["offset"] < upto.get(row["partition"], 0) for row in self.rows]


@pytest.fixture(scope="module")
def journal() -> Journal:
    return Journal()


@pytest.fixture(scope="module")
def filled(shared_warehouse: Warehouse, journal: Journal) -> Warehouse:
    """A warehouse of each kind in turn that has the whole journal, written in no order."""
    store(shared_warehouse, Random(1).sample(journal.tables, len(journal.tables)))
    return shared_warehouse


def cut(journal: Journal, rng: Random) -> dict[int, int]:
    """A checkpoint for each partition, anywhere; none for one of them."""
    upto = {partition: rng.randint(0, len(journal.events)) for partition in range(PARTITIONS)}
    return upto | {rng.randrange(PARTITIONS): 0}


def recovered(warehouse: Warehouse, upto: Mapping[int, int], seed: int = 2) -> Folding:
    folding = Folding(seed=seed)
    recover(SqlJournal(warehouse), folding.fold.laws, folding.fold.state, upto)
    return folding


def stopped(journal: Journal, upto: Mapping[int, int]) -> Folding:
    """A fold that has seen the events below the checkpoints, and no other."""
    folding = Folding(seed=3)
    folding.rows([event for event, below in zip(journal.events, journal.is_below(upto), strict=True) if below])
    return folding


def probes(journal: Journal) -> Iterable[Event]:
    """Events that change nothing, and show every wallet, every order and every credit that there is."""
    for event in journal.events:
        yield event | {"publisher_id": "stranger"}
        if event["type"] == "SaldoCredited":
            yield event | {"event_id": "probe", "publisher_id": "programme"}


def seen(folding: Folding, events: Sequence[Event]) -> list[Row]:
    return folding.rows_of(moved(records(events)))


def moved(batch: Records) -> Records:
    batch.offset[:] += 1_000_000
    return batch


def assert_same_state(found: Folding, expected: Folding, journal: Journal) -> None:
    for name in ("wallets", "orders", "references"):
        assert getattr(found.fold.state, name).count == getattr(expected.fold.state, name).count
    strangers = [event for event in probes(journal) if event["publisher_id"] == "stranger"]
    assert differences(seen(found, strangers), seen(expected, strangers)) == []
    credits = [event for event in probes(journal) if event["event_id"] == "probe"]
    assert differences(seen(found, credits), seen(expected, credits)) == []


def test_what_was_written_past_the_checkpoints_is_not_in_the_state(filled: Warehouse, journal: Journal) -> None:
    rng = Random(1)
    for upto in (cut(journal, rng), cut(journal, rng), cut(journal, rng), ALL):
        assert_same_state(recovered(filled, upto), stopped(journal, upto), journal)


def test_a_worker_recovers_the_partitions_it_is_assigned_and_no_others(filled: Warehouse, journal: Journal) -> None:
    some = dict.fromkeys(range(0, PARTITIONS, 2), 2**40)
    assert_same_state(recovered(filled, some), stopped(journal, some), journal)


def test_it_is_the_same_after_all_was_written_again_and_merged(filled: Warehouse, journal: Journal) -> None:
    store(filled, journal.tables[1:3])
    for table in ("journal_rows", "wallet_rows", "order_rows"):
        filled.execute(f"OPTIMIZE TABLE {table} FINAL")
    upto = cut(journal, Random(4))
    assert_same_state(recovered(filled, upto), stopped(journal, upto), journal)


def test_nothing_is_recovered_from_an_empty_journal(warehouse: Warehouse) -> None:
    for upto in ({}, dict.fromkeys(range(PARTITIONS), 0), ALL):
        assert recovered(warehouse, upto).fold.state.wallets.count == 0


LOSSES = {
    "wallet_rows": ("1", "version % 3 = 0", "status = 'revoked'"),
    "order_rows": ("1", "version % 3 = 0", "completed_at_us != 0"),
}


@pytest.mark.parametrize("table", LOSSES)
def test_wallets_and_orders_that_their_tables_lost_are_filled_again(
    filled: Warehouse, journal: Journal, table: str
) -> None:
    views = {view: shown(filled, f"SELECT * FROM {view} {BY_KEY[view]}") for view in BY_KEY}
    for where in LOSSES[table]:
        filled.execute(f"OPTIMIZE TABLE {table} FINAL")
        delete(filled, table, where)
        assert_same_state(recovered(filled, ALL), stopped(journal, ALL), journal)
        assert {view: shown(filled, f"SELECT * FROM {view} {BY_KEY[view]}") for view in BY_KEY} == views


def test_older_rows_that_came_back_are_replaced(warehouse: Warehouse, journal: Journal) -> None:
    store(warehouse, journal.tables[:2])
    older = {table: warehouse.read(f"SELECT * FROM {table} FINAL") for table in ("wallet_rows", "order_rows")}
    store(warehouse, journal.tables[2:])
    for table, rows in older.items():
        delete(warehouse, table, "1")
        warehouse.insert(table, rows)
    assert_same_state(recovered(warehouse, ALL), stopped(journal, ALL), journal)


def test_a_journal_that_does_not_add_up_is_refused(warehouse: Warehouse, journal: Journal) -> None:
    store(warehouse, journal.tables)
    place = journal.tables[0].column_names.index("credited_change")
    wrong = journal.tables[0].set_column(place, "credited_change", pa.array([1] * len(journal.tables[0])))
    store(warehouse, [wrong])
    with pytest.raises(RecoveryError, match=r"must be rebuilt$"):
        recovered(warehouse, ALL)


class Interrupted:
    """A warehouse into which another worker writes after one of the queries."""

    def __init__(self, warehouse: Warehouse, query: int, tables: list[pa.Table]) -> None:
        self._warehouse = warehouse
        self._left = query
        self._tables = tables

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warehouse, name)

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        rows = self._warehouse.read(sql, params)
        if not self._left:
            store(self._warehouse, self._tables)
        self._left -= 1
        return rows


@pytest.mark.parametrize("query", [0, 3])
def test_what_another_worker_writes_meanwhile_disturbs_nothing(
    warehouse: Warehouse, journal: Journal, query: int
) -> None:
    store(warehouse, journal.tables[:2])
    upto = dict.fromkeys(range(PARTITIONS), 2 * BATCH)
    interrupted: Any = Interrupted(warehouse, query, journal.tables[2:])
    assert_same_state(recovered(interrupted, upto), stopped(journal, upto), journal)


def test_steps_that_their_table_lost_are_filled_again(filled: Warehouse, journal: Journal) -> None:
    settled = "SELECT * FROM settlement ORDER BY day, platform_id, institution_id"
    before = shown(filled, settled)
    assert before
    filled.execute("OPTIMIZE TABLE step_rows FINAL")
    delete(filled, "step_rows", "offset % 3 = 0")
    assert shown(filled, settled) != before
    recovered(filled, ALL)
    assert shown(filled, settled) == before
