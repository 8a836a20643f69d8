"""The embedded warehouse, opened by this process itself: ClickHouse's engine inside it (chDB), one process a folder.

So commands open it where no engine runs that could be asked.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dompet.streams.warehouse.base import WarehouseError, arrow_table, bound, read_only
from dompet.streams.warehouse.engine import VERSION, connect
from dompet.streams.warehouse.faults import refusal
from dompet.streams.warehouse.formats import may_be_format
from dompet.streams.warehouse.holder import hold
from dompet.streams.warehouse.memory_files import Blocks
from dompet.streams.warehouse.operator_tables import placed, quoted
from dompet.streams.warehouse.texts import text_rows
from dompet.streams.warehouse.tuning import READING, insert_sql, tuned

if TYPE_CHECKING:
    import pyarrow as pa


class EmbeddedWarehouse:
    """chDB on a folder of its own. A lock file names the process that holds it."""

    public = "default"

    def __init__(self, folder: Path) -> None:
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
        for connection in (self._writer, self._reader):
            connection.run(f"SET {READING}", "Null")
        self._blocks = Blocks()
        self._reader.run("SET readonly = 1", "Null")  # 2 would still let a query write files by table functions

    def use(self, database: str) -> None:
        for connection in (self._writer, self._reader):
            connection.run(f"USE {quoted(database)}", "Null")
        self.database = database

    def insert(self, table: str, rows: "pa.Table") -> None:
        from dompet.streams.warehouse.native import native_block  # a reader need not load a compiler

        table = placed(table, self.database, self.public)
        if not rows.num_rows:  # the engine takes a block without rows for one that is missing
            return
        with self._blocks.handed_over(table, native_block(rows)) as path:
            self._writer.run(insert_sql(table, rows.column_names, path), "Null")

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> "pa.Table":
        return arrow_table(self._writer.run(bound(sql, params), "Arrow"))

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        return text_rows(self, sql, params)

    def execute(self, sql: str) -> None:
        self._writer.run(sql, "Null")

    def answer(self, sql: str, form: str) -> bytes:
        read_only(sql)  # chDB takes some words, as `exit`, for wishes to a console of its own
        read_only(self._parsed(sql))
        if not may_be_format(form):
            raise WarehouseError(f"Unknown format {form}")
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

    def tune(self) -> None:
        tuned(self.execute)

    def stop(self) -> None:
        """chDB ends a query only by another one, so it is left to end by itself."""

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
        with self._turn, self._as_warehouse_errors():
            return bytes(self._connection.query(sql, form).bytes())

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _as_warehouse_errors(self) -> Iterator[None]:
        """ClickHouse's refusals as one sentence of ours."""
        try:
            yield
        except RuntimeError as error:
            with suppress(RuntimeError):
                # chDB would put what a failed query had already written before the next one's result.
                self._connection.query("SELECT 1", "Null")
            raise refusal(str(error), None) from None
