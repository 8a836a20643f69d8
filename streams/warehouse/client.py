"""What a command needs of the warehouse: to read, and to write the few tables that commands keep.

It works the same on a server, on an embedded warehouse that nobody uses, and on one that a worker holds: the worker is
asked on loopback then, and inserts for the command.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyarrow as pa

from dompet.schemas.errors import DompetError
from dompet.streams.warehouse.base import Warehouse, WarehouseBusy, bound
from dompet.streams.warehouse.operator_tables import OPERATOR_TABLES
from dompet.streams.warehouse.texts import with_texts

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

INSERT_BYTES_MAX: Final = 64 << 20
"""The longest request that a worker takes."""

_COLUMN: Final = re.compile(r"[a-z][a-z0-9_]*")
_THERE: Final = "SELECT name FROM system.tables WHERE database = currentDatabase()"
_APPLIED: Final = "SELECT toInt64(max(number)) AS number FROM migrations"


class ClientError(DompetError):
    """A command asked for something that it may not have, or that is not there."""


class WarehouseClient(Protocol):
    """The warehouse as commands have it. Every method raises DompetError where it is refused."""

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """The result of a query that reads, texts as strings; `%(name)s` in it stands for a parameter."""

    def answer(self, sql: str, form: str) -> bytes:
        """The same in any of ClickHouse's formats, for people and other programs."""

    def insert(self, table: str, rows: pa.Table) -> None:
        """Insert rows into one of the tables that commands keep; columns that are left out take their defaults."""


@contextmanager
def at_hand(settings: "Settings") -> Iterator[Warehouse | Path]:
    """The settings' warehouse, open while the block runs; or its folder, where a worker holds it and is to be asked.

    ClientError where there is none yet; DompetError where a server does not answer.
    """
    from dompet.streams.warehouse import open_warehouse

    folder = settings.warehouse_folder
    if folder and not folder.is_dir():
        raise ClientError(f"there is no warehouse at {folder} yet: `dompet demo` or `dompet migrate` makes one")
    try:
        opened = open_warehouse(settings.warehouse)
    except WarehouseBusy:
        if folder is None:
            raise
        yield folder
        return
    with closing(opened):
        yield opened


@contextmanager
def warehouse_client(settings: "Settings") -> Iterator[WarehouseClient]:
    """A client of the settings' warehouse, while the block runs.

    ClientError where there is no warehouse yet or it lacks tables; DompetError where a server or the worker that holds
    the warehouse does not answer.
    """
    with at_hand(settings) as place:
        yield _checked(RemoteClient(place) if isinstance(place, Path) else OpenClient(place))


class OpenClient:
    """A warehouse that this process has open."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        return with_texts(self._warehouse.read(sql, params))

    def answer(self, sql: str, form: str) -> bytes:
        return self._warehouse.answer(sql, form)

    def insert(self, table: str, rows: pa.Table) -> None:
        insert_operator_rows(self._warehouse, table, rows)


class RemoteClient:
    """The embedded warehouse in `folder`, which a worker holds: that worker answers, and inserts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        return with_texts(pa.ipc.open_stream(self.answer(bound(sql, params), "ArrowStream")).read_all())

    def answer(self, sql: str, form: str) -> bytes:
        from dompet.streams.warehouse.holder import ask

        return ask(self._folder, "/query", {"sql": sql, "format": form})

    def insert(self, table: str, rows: pa.Table) -> None:
        from dompet.streams.warehouse.holder import ask

        _allowed(table, rows.column_names)
        for part in _parts(rows):
            ask(self._folder, "/insert", {"table": table, "rows": base64.b64encode(part).decode()})


def insert_operator_rows(warehouse: Warehouse, table: str, rows: pa.Table) -> None:
    """Insert rows into one of the tables that commands keep; ClientError where it is another."""
    _allowed(table, rows.column_names)
    if rows.num_rows:
        warehouse.insert(table, rows)


def insert_sent(warehouse: Warehouse, table: str, content: str) -> bytes:
    """The same for rows as a worker is sent them: an Arrow stream in base64. Gives the number of rows as text."""
    try:
        rows = pa.ipc.open_stream(base64.b64decode(content, validate=True)).read_all()
    except (ValueError, OSError) as error:
        raise ClientError(f"the rows for {table} are no Arrow stream in base64: {error}") from None
    insert_operator_rows(warehouse, table, rows)
    return str(rows.num_rows).encode()


def _allowed(table: str, columns: list[str]) -> None:
    if table not in OPERATOR_TABLES:
        raise ClientError(f"{table} is not a table that commands may write")
    if wrong := [name for name in columns if not _COLUMN.fullmatch(name)]:
        raise ClientError(f"{wrong[0]!r} is no column of {table}")


def _parts(rows: pa.Table) -> Iterator[bytes]:
    """The rows as Arrow streams, each within what a worker takes."""
    per_row = max(rows.nbytes // max(rows.num_rows, 1), 1)
    for batch in rows.combine_chunks().to_batches(max_chunksize=max(INSERT_BYTES_MAX // 2 // per_row, 1)):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as stream:
            stream.write_batch(batch)
        yield sink.getvalue().to_pybytes()


def _checked(opened: WarehouseClient) -> WarehouseClient:
    """The client, if the warehouse has every table and view that this dompet knows."""
    from dompet.streams.warehouse.migrate import migrations
    from dompet.streams.warehouse.views import view_names

    there = {row["name"] for row in opened.read(_THERE).to_pylist()}
    applied = int(opened.read(_APPLIED)["number"][0].as_py()) if "migrations" in there else 0
    if applied < migrations()[-1].number or not view_names() <= there:
        raise ClientError("the warehouse lacks tables: `dompet migrate` makes them, and so does a worker at its start")
    return opened
