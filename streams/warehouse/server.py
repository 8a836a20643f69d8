"""A ClickHouse server by its native protocol (clickhouse-driver), from 18.16 to today's."""

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa

from dompet.streams.warehouse.base import bound, read_only
from dompet.streams.warehouse.operator_tables import placed
from dompet.streams.warehouse.server_answers import AS_FORMAT
from dompet.streams.warehouse.server_session import Session
from dompet.streams.warehouse.texts import text_rows

_WRITER: Final = {
    "strings_as_bytes": True,  # dead letters are not text
    "allow_experimental_low_cardinality_type": 1,  # the oldest servers want to be asked
    "insert_deduplicate": 0,  # a repeat that the server dropped would not heal the views that it feeds
    "insert_distributed_sync": 1,
}
_READER: Final = {"readonly": 1}


class ServerWarehouse:
    """One server: clickhouse://user:password@host:9000/database, with `?secure=1` or `clickhouses://` for TLS, and
    `send_receive_timeout=` and the like where the defaults do not fit.
    """

    def __init__(self, url: str) -> None:
        self._writer = Session(url, _WRITER)
        self._reader = Session(url, _READER, AS_FORMAT)
        self._writer.read("SELECT 1")
        self.public = self.database = self._writer.database

    def use(self, database: str) -> None:
        for session in (self._writer, self._reader):
            session.use(database)
        self.database = database

    def insert(self, table: str, rows: pa.Table) -> None:
        table = placed(table, self.database, self.public)
        self._writer.insert(table, rows)

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        return self._writer.read(bound(sql, params))

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        return text_rows(self, sql, params)

    def execute(self, sql: str) -> None:
        self._writer.execute(sql)

    def answer(self, sql: str, form: str) -> bytes:
        return self._reader.answer(read_only(sql), form)

    def version(self) -> str:
        [row] = text_rows(self, "SELECT version() AS version")
        return f"ClickHouse {row['version']} server"

    def tune(self) -> None:
        """A server is its administrator's to tune."""

    def stop(self) -> None:
        self._writer.stop()
        self._reader.stop()

    def close(self) -> None:
        self._writer.close()
        self._reader.close()
