"""Two warehouses behind one small interface: a ClickHouse server, and the embedded one, whose folder an engine's
process holds, or this process where no engine runs.
"""

import os
import time
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dompet.streams.warehouse.base import Warehouse, WarehouseBusy, WarehouseError, WarehouseUnavailable
from dompet.streams.warehouse.generations import enter_live

__all__ = ["Warehouse", "WarehouseBusy", "WarehouseError", "WarehouseUnavailable", "open_warehouse"]

_WAIT_S: Final = 10.0
"""How long an engine may take to start, or a command that has the folder open to end."""
_LOOK_S: Final = 0.1

os.environ.setdefault("CLICKHOUSE_DRIVER_LASY_DATE_LUT", "1")  # else the driver makes 146,000 dates when it is loaded


def open_warehouse(url: str, wait_s: float = _WAIT_S) -> Warehouse:
    """The warehouse at `chdb:///absolute/path` or `clickhouse://user:password@host:9000/database`.

    The live generation of its journal is entered. Raises WarehouseError where it cannot be opened, WarehouseBusy where
    another process that is no engine has the embedded one open, for longer than `wait_s`.
    """
    opened = _opened(url, wait_s)
    try:
        enter_live(opened)
    except BaseException:
        opened.close()
        raise
    return opened


def _opened(url: str, wait_s: float) -> Warehouse:
    parts = urlsplit(url)
    if parts.scheme == "chdb" and parts.path.startswith("/") and not parts.netloc:
        return _embedded(Path(parts.path), time.monotonic() + wait_s)
    if parts.scheme in ("clickhouse", "clickhouses") and parts.hostname:
        from dompet.streams.warehouse.server import ServerWarehouse  # each engine is loaded only where it is used

        return ServerWarehouse(url)
    raise WarehouseError(
        f"{parts.scheme or 'the warehouse'!r} is no warehouse: use chdb:///absolute/path "
        "or clickhouse://user:password@host:9000/database"
    )


def _embedded(folder: Path, deadline: float) -> Warehouse:
    """The embedded warehouse: by its engine where one runs, else opened here, which takes half a second more."""
    from dompet.streams.warehouse.holder import holder_of
    from dompet.streams.warehouse.remote import EngineWarehouse

    while True:
        if holder_of(folder):
            try:
                return EngineWarehouse(folder)
            except WarehouseUnavailable:
                pass  # what the file says may be left from an engine that was killed
        from dompet.streams.warehouse.embedded import EmbeddedWarehouse

        try:
            return EmbeddedWarehouse(folder)
        except WarehouseBusy:
            if time.monotonic() >= deadline:
                raise
        time.sleep(_LOOK_S)
