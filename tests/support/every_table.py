"""A warehouse in which every table has rows, and so every view: for tests of all views alike."""

from collections.abc import Callable
from typing import Final

import pyarrow as pa

from dompet.streams.warehouse import Warehouse
from tests.support.crowd import crowd
from tests.support.ledger import Ledger
from tests.support.stored import types_of
from tests.support.warehouses import rows_of

_VALUES: Final[dict[str, Callable[[str], pa.Array]]] = {
    "String": lambda name: pa.array([f"a {name}"]),
    "Int64": lambda _: pa.array([1], pa.int64()),
    "Int32": lambda _: pa.array([1], pa.int32()),
    "UInt8": lambda _: pa.array([0], pa.uint8()),
    "UInt64": lambda _: pa.array([1], pa.uint64()),
}
_AT_US: Final = 1_600_000_000_000_000


def fill(warehouse: Warehouse) -> None:
    """Events of a small crowd, one wallet that does not add up, and in tables that still have nothing one row."""
    ledger = Ledger(warehouse)
    ledger.store(crowd(29, 12))
    ledger.store(crowd(6, 1), known=False)
    names = rows_of(warehouse, "SELECT name FROM system.tables WHERE database = currentDatabase()")
    for table in sorted(str(row["name"]) for row in names if str(row["name"]).endswith("_rows")):
        if rows_of(warehouse, f"SELECT count() AS n FROM {table}") == [{"n": 0}]:
            warehouse.insert(table, _row(warehouse, table))
    wrong = {"beneficiary_id": ["wrong"], "rules": ["2020"], "decree": ["d"], "status": ["active"], "credited": [1]}
    warehouse.insert("wallet_rows", pa.table(wrong))


def _row(warehouse: Warehouse, table: str) -> pa.Table:
    columns = {}
    for name, kind in types_of(warehouse, table).items():
        plain = kind.removeprefix("LowCardinality(").removeprefix("Nullable(").rstrip(")")
        at = name.endswith("_us") and name != "valid_to_us"
        columns[name] = pa.array([_AT_US], pa.int64()) if at else _VALUES[plain](name)
    return pa.table(columns)
