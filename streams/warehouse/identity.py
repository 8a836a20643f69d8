"""Which warehouse this is: a random id, so that two warehouses are never taken for one another.

It outlives rebuilds. A copy that is restored keeps the line of the warehouse that it was made of, for it takes its
place, and gets an id of its own, for both may be there at the same time.
"""

import secrets
import time
from typing import Final, NamedTuple

import pyarrow as pa

from dompet.streams.warehouse.base import Warehouse
from dompet.streams.warehouse.operator_tables import quoted

_TABLE: Final = "identity_rows"
_ID_BYTES: Final = 8


class WarehouseId(NamedTuple):
    """`lines` are the same for a warehouse and the copies of it; `own` are this one's alone.

    There are several where workers made some at the same time: all of them count, whichever a worker has seen.
    """

    lines: tuple[str, ...]
    own: tuple[str, ...]


def warehouse_id(warehouse: Warehouse) -> WarehouseId:
    """The warehouse's id, which is made where there is none yet; the tables must be there. Raises WarehouseError."""
    made, restored = _read(warehouse)
    if not made:
        _make(warehouse, restored=False)
        made, restored = _read(warehouse)
    return WarehouseId(made, restored[-1:] or made)


def renew(warehouse: Warehouse) -> None:
    """Give a warehouse that was restored an id of its own."""
    _make(warehouse, restored=True)


def _make(warehouse: Warehouse, *, restored: bool) -> None:
    row = {
        "id": pa.array([secrets.token_hex(_ID_BYTES)]),
        "made_at_us": pa.array([time.time_ns() // 1000], pa.int64()),
        "restored": pa.array([int(restored)], pa.uint8()),
    }
    warehouse.insert(_TABLE, pa.table(row))


def _read(warehouse: Warehouse) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids that were made at the start, and by restores, each in their order."""
    rows = warehouse.read(
        f"SELECT id, restored FROM {quoted(warehouse.public)}.{_TABLE} ORDER BY made_at_us, id"  # noqa: S608
    ).to_pylist()
    ids = [(row["id"].decode() if isinstance(row["id"], bytes) else row["id"], row["restored"]) for row in rows]
    made, renewed = ([one for one, restored in ids if bool(restored) == which] for which in (False, True))
    return tuple(made), tuple(renewed)
