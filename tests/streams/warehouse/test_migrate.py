"""Migrations make the tables, once, on either warehouse, also where an earlier run was cut short."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from dompet.streams.warehouse import Warehouse, WarehouseError, open_warehouse
from dompet.streams.warehouse.migrate import Migrated, Migration, applied, migrate, migrations
from dompet.streams.warehouse.operator_tables import quoted
from dompet.streams.warehouse.views import views
from tests.support.crowd import crowd
from tests.support.folding import Folding, records
from tests.support.stored import delete, folded, shown, store
from tests.support.warehouses import opened, rows_of

ALL = {migration.number for migration in migrations()}
TUNED = ("journal_rows", "wallet_rows", "order_rows")
NEXT = max(ALL) + 1
ADDED = Migration(
    NEXT,
    "deliveries",
    (
        "ALTER TABLE order_rows ADD COLUMN delivery String AFTER course_id",
        "ALTER TABLE statement_rows ADD COLUMN signed_by String AFTER party_id",
        "ALTER TABLE order_rows ADD COLUMN stars Int64 AFTER delivery",
        "ALTER TABLE order_rows DROP COLUMN stars",
        "ALTER TABLE order_rows ADD COLUMN stars Int64 AFTER rating",
    ),
)
WITH_IT = (*migrations(), ADDED)


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
    """A warehouse in which another worker, started at the same time, makes the same table and view a moment before."""

    def __init__(self, warehouse: Warehouse) -> None:
        super().__init__(warehouse, 2**40)
        self.crossed: set[str] = set()

    def execute(self, sql: str) -> None:
        for begin in ("ALTER TABLE order_rows ADD", "CREATE VIEW funnel"):
            if sql.startswith(begin) and begin not in self.crossed:
                self.crossed.add(begin)
                self._warehouse.execute(sql)
        self._warehouse.execute(sql)


def schema(warehouse: Warehouse) -> dict[str, str]:
    """How every table and view would be made again."""
    names = [str(row["name"]) for row in rows_of(warehouse, "SHOW TABLES")]
    statements = {name: next(iter(rows_of(warehouse, f"SHOW CREATE TABLE `{name}`")[0].values())) for name in names}
    return {name: statement for name, statement in statements.items() if not name.startswith(".inner")}


def columns(warehouse: Warehouse, table: str) -> list[str]:
    return [str(row["name"]) for row in rows_of(warehouse, f"DESCRIBE TABLE {table}")]


def test_all_are_applied_in_order_and_then_none(warehouse_url: str) -> None:
    warehouse = open_warehouse(warehouse_url)
    try:
        assert applied(warehouse) == set()
        made = migrate(warehouse)
        assert [migration.number for migration in made.applied] == sorted(ALL)
        assert set(made.views) == views().keys()
        before = schema(warehouse)
        assert {"journal", "wallets", "orders", "rejections", "dead_letters", "checkpoints"} <= before.keys()
        assert migrate(warehouse) == Migrated()
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
                migrate(Failing(warehouse, steps), max(ALL), WITH_IT)  # without the views
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
        assert {name: one for name, one in schema(again).items() if name in made} == made
        assert rows_of(again, "SELECT number FROM migrations ORDER BY number") == [{"number": n} for n in sorted(ALL)]


def test_a_migration_that_adds_columns_can_be_resumed_wherever_it_was_cut_short(warehouse: Warehouse) -> None:
    before = columns(warehouse, "order_rows")
    at = before.index("course_id") + 1
    for steps in range(2**40):
        try:
            made = migrate(Failing(warehouse, steps), known=WITH_IT)
            break
        except CutShort:
            continue
    assert steps > 1
    assert [migration.name for migration in made.applied] == ["deliveries"]
    after = columns(warehouse, "order_rows")
    assert after.index("delivery") == at
    assert [name for name in after if name not in ("delivery", "stars")] == before
    assert after.index("stars") == after.index("rating") + 1
    assert "signed_by" in columns(warehouse, "statement_rows")
    assert migrate(warehouse, known=WITH_IT) == Migrated()


def test_of_a_table_that_outlives_rebuilds_a_column_is_added_where_it_is_and_in_each_generation(
    warehouse: Warehouse,
) -> None:
    other = f"{warehouse.public}_g2"
    warehouse.execute(f"CREATE DATABASE {quoted(other)}")
    try:
        warehouse.use(other)
        migrate(warehouse)
        migrate(warehouse, known=WITH_IT)
        for place in (quoted(warehouse.public), quoted(other)):
            assert "signed_by" in columns(warehouse, f"{place}.statement_rows")
        warehouse.insert("statement_rows", pa.table({"statement_id": ["s"], "signed_by": ["Sari"]}))
        assert shown(warehouse, "SELECT signed_by FROM statement_rows") == [{"signed_by": "Sari"}]
        assert "delivery" not in columns(warehouse, f"{quoted(warehouse.public)}.order_rows")
        warehouse.use(warehouse.public)
        assert [migration.name for migration in migrate(warehouse, known=WITH_IT).applied] == ["deliveries"]
        assert shown(warehouse, "SELECT signed_by FROM statement_rows") == [{"signed_by": "Sari"}]
    finally:
        warehouse.use(warehouse.public)
        warehouse.execute(f"DROP DATABASE {quoted(other)}")


def test_steps_and_settlements_of_a_journal_that_has_none_yet_are_made_of_it(warehouse: Warehouse) -> None:
    store(warehouse, [folded(Folding(), records(crowd(4, 2)))[0]])
    shows = [f"SELECT * FROM {name} ORDER BY platform_id, institution_id" for name in ("settlement", "funnel")]
    before = [sorted(shown(warehouse, view), key=repr) for view in shows]
    assert all(before)
    for name in ("step_feed", "step_rows"):
        warehouse.execute(f"DROP TABLE {name}")
    delete(warehouse, "migrations", "name = 'steps'")
    assert [migration.name for migration in migrate(warehouse).applied] == ["steps"]
    assert [sorted(shown(warehouse, view), key=repr) for view in shows] == before


def test_the_warehouse_of_a_newer_dompet_is_refused(warehouse: Warehouse) -> None:
    row = pa.table({"number": pa.array([max(ALL) + 1], pa.int32()), "name": pa.array(["later"])})
    warehouse.insert("migrations", row)
    with pytest.raises(WarehouseError, match=f"^the warehouse has migration {max(ALL) + 1}, .*: upgrade it$"):
        migrate(warehouse)


def test_of_two_workers_that_start_at_the_same_time_none_fails(warehouse_url: str) -> None:
    warehouse = open_warehouse(warehouse_url)
    try:
        crossed = Crossed(warehouse)
        migrate(crossed, known=WITH_IT)
        assert len(crossed.crossed) == 2
        assert applied(warehouse) == ALL | {NEXT}
        assert shown(warehouse, "SELECT count() AS n FROM funnel") == [{"n": 0}]
    finally:
        warehouse.close()
