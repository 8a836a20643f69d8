"""Migrations make the tables and views, once, on either warehouse, also where an earlier run was cut short."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from dompet.streams.warehouse import Warehouse, WarehouseError, open_warehouse
from dompet.streams.warehouse.migrate import applied, migrate, migrations
from tests.support.crowd import crowd
from tests.support.folding import Folding, records
from tests.support.stored import delete, folded, shown, store
from tests.support.warehouses import opened, rows_of

ALL = {migration.number for migration in migrations()}
TUNED = ("journal_rows", "wallet_rows", "order_rows")


class CutShort(Exception):
    """The process ends here."""


class Failing:
    """A warehouse whose process ends after a number of statements and inserts."""

    def __init__(self, warehouse: Warehouse, steps: int) -> None:
        self._warehouse = warehouse
        self._left = steps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warehouse, name)

    def insert(self, table: str, rows: pa.Table) -> None:
        self._step()
        self._warehouse.insert(table, rows)

    def execute(self, sql: str) -> None:
        self._step()
        self._warehouse.execute(sql)

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        return self._warehouse.read(sql, params)

    def tune(self) -> None:
        self._step()
        self._warehouse.tune()

    def _step(self) -> None:
        if not self._left:
            raise CutShort
        self._left -= 1


class Crossed(Failing):
    """A warehouse in which another worker, started at the same time, drops a view that was just made."""

    dropped = False

    def execute(self, sql: str) -> None:
        if not self.dropped and sql.startswith("CREATE VIEW") and "FROM order_steps" in sql:
            self.dropped = True
            self._warehouse.execute("DROP TABLE order_steps")
        self._warehouse.execute(sql)


def schema(warehouse: Warehouse) -> dict[str, str]:
    """How every table and view would be made again."""
    names = [str(row["name"]) for row in rows_of(warehouse, "SHOW TABLES")]
    statements = {name: next(iter(rows_of(warehouse, f"SHOW CREATE TABLE `{name}`")[0].values())) for name in names}
    return {name: statement for name, statement in statements.items() if not name.startswith(".inner")}


def test_all_are_applied_in_order_and_then_none(warehouse_url: str) -> None:
    warehouse = open_warehouse(warehouse_url)
    try:
        assert applied(warehouse) == set()
        assert [migration.number for migration in migrate(warehouse)] == sorted(ALL)
        before = schema(warehouse)
        assert {"journal", "wallets", "orders", "rejections", "dead_letters", "checkpoints"} <= before.keys()
        assert migrate(warehouse) == []
        assert schema(warehouse) == before
        assert applied(warehouse) == ALL
    finally:
        warehouse.close()


def test_a_run_that_was_cut_short_anywhere_is_completed_by_the_next(warehouse_url: str, warehouse_kind: str) -> None:
    warehouse = open_warehouse(warehouse_url)
    try:
        steps = 0
        while True:
            try:
                migrate(Failing(warehouse, steps))
                break
            except CutShort:
                steps += 1
        assert steps > len(ALL)
        assert applied(warehouse) == ALL
        made = schema(warehouse)
        if warehouse_kind == "embedded":
            assert all("min_bytes_for_wide_part" in made[table] for table in TUNED)
            assert "INDEX people beneficiary_id TYPE bloom_filter" in made["journal_rows"]
    finally:
        warehouse.close()
    with opened(warehouse_url) as again:
        assert schema(again) == made
        assert rows_of(again, "SELECT number FROM migrations ORDER BY number") == [{"number": n} for n in sorted(ALL)]


def test_steps_and_settlements_of_a_journal_that_has_none_yet_are_made_of_it(warehouse: Warehouse) -> None:
    store(warehouse, [folded(Folding(), records(crowd(4, 2)))[0]])
    views = [f"SELECT * FROM {name} ORDER BY platform_id, institution_id" for name in ("settlement", "funnel")]
    before = [sorted(shown(warehouse, view), key=repr) for view in views]
    assert all(before)
    for name in ("step_feed", "step_rows"):
        warehouse.execute(f"DROP TABLE {name}")
    for name in ("movement_rows", "movement_feed"):  # an earlier release's
        warehouse.execute(f"CREATE TABLE {name} (offset Int64) ENGINE = MergeTree ORDER BY offset")
    delete(warehouse, "migrations", "number > 11")
    assert [migration.name for migration in migrate(warehouse)] == ["steps", "exceptions", "suspicious"]
    assert [sorted(shown(warehouse, view), key=repr) for view in views] == before
    assert not {"movement_rows", "movement_feed"} & schema(warehouse).keys()


def test_the_warehouse_of_a_newer_dompet_is_refused(warehouse: Warehouse) -> None:
    row = pa.table({"number": pa.array([max(ALL) + 1], pa.int32()), "name": pa.array(["later"])})
    warehouse.insert("migrations", row)
    with pytest.raises(WarehouseError, match=f"^the warehouse has migration {max(ALL) + 1}, .*: upgrade it$"):
        migrate(warehouse)


def test_of_two_workers_that_start_at_the_same_time_none_fails(warehouse_url: str) -> None:
    warehouse = open_warehouse(warehouse_url)
    try:
        crossed = Crossed(warehouse, 2**40)
        migrate(crossed)
        assert crossed.dropped
        assert applied(warehouse) == ALL
        assert shown(warehouse, "SELECT count() AS n FROM funnel") == [{"n": 0}]
    finally:
        warehouse.close()
