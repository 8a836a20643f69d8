"""Two warehouses behind one small interface: a ClickHouse server, and its engine inside this process."""

from pathlib import Path
from urllib.parse import urlsplit

from dompet.streams.warehouse.base import Warehouse, WarehouseBusy, WarehouseError, WarehouseUnavailable
from dompet.streams.warehouse.generations import enter_live

__all__ = ["Warehouse", "WarehouseBusy", "WarehouseError", "WarehouseUnavailable", "open_warehouse"]


def open_warehouse(url: str) -> Warehouse:
    """The warehouse at `chdb:///absolute/path` or `clickhouse://user:password@host:9000/database`.

    The live generation of its journal is entered. Raises WarehouseError where it cannot be opened, WarehouseBusy where
    another process holds the embedded one.
    """
    opened = _opened(url)
    try:
        enter_live(opened)
    except BaseException:
        opened.close()
        raise
    return opened


def _opened(url: str) -> Warehouse:
    parts = urlsplit(url)
    # Each engine is loaded only where it is used: the embedded one takes half a second.
    if parts.scheme == "chdb" and parts.path.startswith("/") and not parts.netloc:
        from dompet.streams.warehouse.embedded import EmbeddedWarehouse

        return EmbeddedWarehouse(Path(parts.path))
    if parts.scheme in ("clickhouse", "clickhouses") and parts.hostname:
        from dompet.streams.warehouse.server import ServerWarehouse

        return ServerWarehouse(url)
    raise WarehouseError(
        f"{parts.scheme or 'the warehouse'!r} is no warehouse: use chdb:///absolute/path "
        "or clickhouse://user:password@host:9000/database"
    )
