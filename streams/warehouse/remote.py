"""The embedded warehouse as an engine's process holds it. It is asked over HTTP; rows go both ways in memory files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dompet.streams.warehouse.base import WarehouseError, arrow_table, bound
from dompet.streams.warehouse.engine_http import EngineHttp
from dompet.streams.warehouse.holder import BLOCK
from dompet.streams.warehouse.memory_files import Blocks, arrow_in, memory_file, path_of
from dompet.streams.warehouse.operator_tables import placed
from dompet.streams.warehouse.tuning import insert_sql, tuned

if TYPE_CHECKING:
    import pyarrow as pa


class EngineWarehouse:
    """A warehouse whose folder another process of this user has open. Any number of processes may ask it."""

    public = "default"

    def __init__(self, folder: Path) -> None:
        self.database = self.public
        self._engine = EngineHttp(folder)
        self._blocks = Blocks()
        self._shares_files = self._finds_files()

    def use(self, database: str) -> None:
        self.database = database

    def insert(self, table: str, rows: "pa.Table") -> None:
        from dompet.streams.warehouse.native import native_block  # who only asks need not load a compiler

        table = placed(table, self.database, self.public)
        if not rows.num_rows:  # the engine takes a block without rows for one that is missing
            return
        block = native_block(rows)
        if not self._shares_files:
            statement = insert_sql(table, rows.column_names, BLOCK)
            self._engine.insert(statement, self.database, b"".join(block))
            return
        with self._blocks.handed_over(table, block) as path:
            self._engine.run(insert_sql(table, rows.column_names, path), self.database)

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> "pa.Table":
        sql = bound(sql, params)
        if not self._shares_files:
            return arrow_table(self._engine.content(sql, self.database, "Arrow"))
        with memory_file("answer") as file:
            self._engine.run(f"{sql} INTO OUTFILE '{path_of(file)}' APPEND FORMAT Arrow", self.database)
            return arrow_in(file)

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        content = self._engine.content(bound(sql, params), self.database, "JSONEachRow")
        return [json.loads(line) for line in content.splitlines()]

    def execute(self, sql: str) -> None:
        self._engine.run(sql, self.database)

    def answer(self, sql: str, form: str) -> bytes:
        return self._engine.answer(sql, self.database, form)

    def version(self) -> str:
        from importlib.metadata import version  # as long to load as all else here

        name = self._engine.content("SELECT version()", self.database, "TSV").decode().strip()
        return f"ClickHouse {name} embedded (chDB {version('chdb')})"

    def tune(self) -> None:
        tuned(self.execute)

    def stop(self) -> None:
        self._engine.stop()

    def close(self) -> None:
        self._engine.close()
        self._blocks.close()

    def _finds_files(self) -> bool:
        """Whether the engine finds this process's files: not so where one of the two is in a container."""
        with memory_file("probe") as file:
            try:
                self._engine.run(f"SELECT 1 INTO OUTFILE '{path_of(file)}' APPEND FORMAT RawBLOB", self.database)
            except WarehouseError as fault:
                if path_of(file) not in str(fault):  # else it is another fault
                    raise
            return file.read(1) == b"1"
