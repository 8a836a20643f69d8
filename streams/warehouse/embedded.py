"""The embedded warehouse: ClickHouse's engine inside this process (chDB), one process a data folder."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa

from dompet.streams.warehouse.base import WarehouseError, bound, read_only
from dompet.streams.warehouse.engine import VERSION, connect
from dompet.streams.warehouse.faults import refusal
from dompet.streams.warehouse.holder import announce, hold
from dompet.streams.warehouse.operator_tables import placed, quoted

if TYPE_CHECKING:
    from dompet.streams.warehouse.native import Buffer

_SETTINGS = (
    "SETTINGS max_threads = 1, max_insert_threads = 1, optimize_on_insert = 0, input_format_parallel_parsing = 0,"
    " min_insert_block_size_rows = 0, min_insert_block_size_bytes = 0"
)
"""The fold needs the other cores; and an insert is one block that brings each key once, so merging it on the way, or
waiting for more, would gain nothing.
"""


class EmbeddedWarehouse:
    """chDB on a folder of its own. A lock file names the process that holds it."""

    public = "default"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = self.public
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = hold(folder)
        except OSError as error:
            raise WarehouseError(f"the embedded warehouse at {folder} cannot be opened: {error.strerror}") from None
        try:
            self._writer = _Connection(folder)
            self._reader = _Connection(folder)
        except RuntimeError as error:
            os.close(self._lock)
            raise WarehouseError(
                f"the embedded warehouse at {folder} cannot be opened: {refusal(str(error), None)}"
            ) from None
        # What stays in this process is not worth compressing: it was a third of what a large read cost.
        self._writer.run("SET output_format_arrow_compression_method = 'none'", "Null")
        self._blocks = _Blocks()
        self._reader.run("SET readonly = 1", "Null")  # 2 would still let a query write files by table functions

    def use(self, database: str) -> None:
        for connection in (self._writer, self._reader):
            connection.run(f"USE {quoted(database)}", "Null")
        self.database = database

    def insert(self, table: str, rows: pa.Table) -> None:
        from dompet.streams.warehouse.native import native_block  # who only asks need not load a compiler

        table = placed(table, self.database, self.public)
        if not rows.num_rows:  # the engine takes a block without rows for one that is missing
            return
        names = ", ".join(f"`{name}`" for name in rows.column_names)
        with self._blocks.handed_over(table, native_block(rows)) as path:
            self._writer.run(f"INSERT INTO {table} ({names}) FROM INFILE '{path}' {_SETTINGS} FORMAT Native", "Null")

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        content = self._writer.run(bound(sql, params), "Arrow")
        return pa.ipc.open_file(pa.BufferReader(content)).read_all() if content else pa.table({})

    def execute(self, sql: str) -> None:
        self._writer.run(sql, "Null")

    def answer(self, sql: str, form: str) -> bytes:
        read_only(self._parsed(sql))
        return self._reader.run(sql, form)

    def _parsed(self, sql: str) -> str:
        """One statement as ClickHouse itself reads it, without comments: no other parser knows where one ends."""
        try:
            parsed = self._reader.run(bound("SELECT formatQuerySingleLine(%(sql)s)", {"sql": sql}), "RawBLOB")
        except WarehouseError as error:
            raise WarehouseError(str(error).partition(": In scope ")[0]) from None
        return parsed.decode("utf-8", "replace")

    def version(self) -> str:
        return VERSION

    def announce(self, url: str, token: str) -> None:
        announce(self._lock, url, token)

    def tune(self) -> None:
        """Settings that halve what an insert costs in all: what one insert writes stays in one file, for many columns
        as files of their own cost more than their rows; and parts are merged 32 at a time, not five, for every
        merge writes its rows once more. And an index by which a person's events are found without reading everybody's
        ids: it costs an insert 2 %.
        """
        for table in ("journal_rows", "wallet_rows", "order_rows", "step_rows"):
            self.execute(
                f"ALTER TABLE {table} MODIFY SETTING"
                " min_bytes_for_wide_part = 268435456, min_parts_to_merge_at_once = 32"
            )
        self.execute(
            "ALTER TABLE journal_rows ADD INDEX IF NOT EXISTS people beneficiary_id"
            " TYPE bloom_filter(0.025) GRANULARITY 1"
        )

    def close(self) -> None:
        self._reader.close()
        self._writer.close()
        self._blocks.close()
        os.close(self._lock)


class _Connection:
    """One chDB connection; several to one folder work side by side, each by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._connection = connect(folder)
        self._turn = threading.Lock()

    def run(self, sql: str, form: str) -> bytes:
        with self._turn, self._told():
            return bytes(self._connection.query(sql, form).bytes())

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """ClickHouse's refusals as one sentence of ours."""
        try:
            yield
        except RuntimeError as error:
            with suppress(RuntimeError):
                # chDB would put what a failed query had already written before the next one's result.
                self._connection.query("SELECT 1", "Null")
            raise refusal(str(error), None) from None


class _Blocks:
    """Where inserts hand their blocks over: one file for each table, which is written over by the next block, for the
    pages that it has need not be got and cleared again. In memory where the system has such files, else on disk.
    """

    def __init__(self) -> None:
        self._files: dict[str, IO[bytes]] = {}
        self._in_memory = hasattr(os, "memfd_create")
        self._turn = threading.Lock()

    @contextmanager
    def handed_over(self, table: str, block: "list[Buffer]") -> Iterator[str]:
        """A path under which the engine finds the block."""
        with self._turn:
            if table not in self._files:
                self._files[table] = self._opened()
            file = self._files[table]
            file.seek(0)
            file.writelines(block)
            file.truncate()
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}" if self._in_memory else file.name

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def _opened(self) -> IO[bytes]:
        return os.fdopen(os.memfd_create("block"), "wb") if self._in_memory else NamedTemporaryFile()
