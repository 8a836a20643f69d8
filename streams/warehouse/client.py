"""What a command needs of the warehouse: to read, and to write the few tables that commands keep.

It is the same on a server, on an embedded warehouse that an engine holds, and on one that no process uses.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from dompet.schemas.errors import DompetError
from dompet.streams.warehouse.base import Warehouse
from dompet.streams.warehouse.operator_tables import OPERATOR_TABLES
from dompet.streams.warehouse.texts import with_texts

if TYPE_CHECKING:
    import pyarrow as pa

    from dompet.streams.settings import Settings

_COLUMN: Final = re.compile(r"[a-z][a-z0-9_]*")
_THERE: Final = "SELECT name FROM system.tables WHERE database = currentDatabase()"
_APPLIED: Final = "SELECT toInt64(max(number)) AS number FROM migrations"


class ClientError(DompetError):
    """A command asked for something that it may not have, or that is not there."""


class WarehouseClient(Protocol):
    """The warehouse as commands have it. Every method raises DompetError where it is refused."""

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> "pa.Table":
        """The result of a query that reads, texts as strings; `%(name)s` in it is a parameter's place."""

    def answer(self, sql: str, form: str) -> bytes:
        """The same in any of ClickHouse's formats, for people and other programs."""

    def insert(self, table: str, rows: "pa.Table") -> None:
        """Insert rows into one of the tables that commands keep; columns that are left out take their defaults."""

    def stop(self) -> None:
        """End what another thread asks here; its call raises, as does every later one."""


@contextmanager
def opened_warehouse(settings: "Settings") -> Iterator[Warehouse]:
    """The settings' warehouse, open while the block runs.

    ClientError where there is none yet; DompetError where its server or engine does not answer.
    """
    from dompet.streams.warehouse import open_warehouse

    folder = settings.warehouse_folder
    if folder and not folder.is_dir():
        raise ClientError(f"there is no warehouse at {folder} yet: `dompet demo` or `dompet migrate` makes one")
    with closing(open_warehouse(settings.warehouse)) as opened:
        yield opened


@contextmanager
def warehouse_client(settings: "Settings") -> Iterator[WarehouseClient]:
    """A client of the settings' warehouse, while the block runs.

    ClientError where there is no warehouse yet or it lacks tables; DompetError where its server or engine does not
    answer.
    """
    with opened_warehouse(settings) as opened:
        _check_whole(opened)
        yield OpenClient(opened)


class OpenClient:
    """A warehouse that this process has open."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> "pa.Table":
        return with_texts(self._warehouse.read(sql, params))

    def answer(self, sql: str, form: str) -> bytes:
        return self._warehouse.answer(sql, form)

    def insert(self, table: str, rows: "pa.Table") -> None:
        insert_operator_rows(self._warehouse, table, rows)

    def stop(self) -> None:
        self._warehouse.stop()


def insert_operator_rows(warehouse: Warehouse, table: str, rows: "pa.Table") -> None:
    """Insert rows into one of the tables that commands keep; ClientError where it is another."""
    _allowed(table, rows.column_names)
    if rows.num_rows:
        warehouse.insert(table, rows)


def _allowed(table: str, columns: list[str]) -> None:
    if table not in OPERATOR_TABLES:
        raise ClientError(f"{table} is not a table that commands may write")
    if wrong := [name for name in columns if not _COLUMN.fullmatch(name)]:
        raise ClientError(f"{wrong[0]!r} is no column of {table}")


def _check_whole(opened: Warehouse) -> None:
    """ClientError where the warehouse lacks a table or a view that this dompet knows."""
    from dompet.streams.warehouse.migrate import migrations
    from dompet.streams.warehouse.views import view_names

    there = {row["name"] for row in opened.rows(_THERE)}
    applied = int(opened.rows(_APPLIED)[0]["number"]) if "migrations" in there else 0
    if applied < migrations()[-1].number or not view_names() <= there:
        raise ClientError("the warehouse lacks tables: `dompet migrate` makes them, and so does a worker at its start")
