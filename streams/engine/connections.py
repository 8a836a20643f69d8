"""The data folder, opened by this process: connections for its owner and for guests, which run side by side."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dompet.streams.engine.limits import Limits
from dompet.streams.engine.refusals import Refusal, failure
from dompet.streams.engine.rights import GUEST, OWNER, declared
from dompet.streams.warehouse.base import WarehouseError
from dompet.streams.warehouse.engine import connect
from dompet.streams.warehouse.holder import announce, hold
from dompet.streams.warehouse.operator_tables import quoted
from dompet.streams.warehouse.tuning import READING

_IDLE_MAX: Final = 8
"""Of each kind, connections that are kept for the next query: a new one takes a millisecond and a half."""


@dataclass(frozen=True)
class Done:
    """What a query that has ended took."""

    rows: int
    bytes: int
    elapsed_ns: int


class Connection:
    """One connection, used by one thread at a time."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.failed = False

    def run(self, sql: str, params: Mapping[str, str] | None = None) -> Done:
        """Run a statement whose answer, if any, goes INTO OUTFILE. Refusal where ClickHouse refuses or fails."""
        try:
            result = self._connection._conn.query(sql, "TSV", params=dict(params or {}))
        except RuntimeError as error:
            self.failed = True
            raise failure(str(error)) from None
        return Done(result.rows_read(), result.bytes_read(), int(result.elapsed() * 1e9))

    def content(self, sql: str, form: str, params: Mapping[str, str] | None = None) -> bytes:
        """The whole answer of a query; RuntimeError where it fails."""
        return bytes(self._connection._conn.query(sql, form, params=dict(params or {})).bytes())

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()


class Connections:
    """Opens the folder, under its lock. WarehouseBusy where another process holds it; WarehouseError where it cannot be
    opened.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._idle: dict[tuple[str, str], list[Connection]] = {}
        self._turn = threading.Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = hold(folder)
        except OSError as error:
            raise WarehouseError(f"the embedded warehouse at {folder} cannot be opened: {error.strerror}") from None
        try:
            with declared() as options:
                self._first = Connection(connect(folder, options))
            self._options = options
        except RuntimeError as error:
            os.close(self._lock)
            raise WarehouseError(
                f"the embedded warehouse at {folder} cannot be opened: {failure(str(error))}"
            ) from None
        self._first.run("SET max_query_size = 0")  # a syntax tree is many times as long as its query
        self.content = self._first.content
        """Asks the owner's first connection, which is for what the engine asks itself; by one thread at a time."""

    def announce(self, url: str, token: str) -> None:
        """Say, in the folder, where this process answers."""
        announce(self._lock, url, token)

    @contextmanager
    def connection(self, role: str, database: str) -> Iterator[Connection]:
        """A connection of this role to this database, for the block. Refusal where there is no such database."""
        with self._turn:
            kept = self._idle.setdefault((role, database), [])
            found = kept.pop() if kept else None
        found = found or self._made(role, database)
        try:
            yield found
        except BaseException:
            found.failed = True
            raise
        finally:
            with self._turn:
                if keep := not found.failed and len(kept) < _IDLE_MAX:
                    kept.append(found)
            if not keep:
                found.close()

    def kill(self, tag: str) -> None:
        """End every query with this tag."""
        with self.connection(OWNER, "default") as connection, suppress(Refusal):
            connection.run(f"KILL QUERY WHERE Settings['log_comment'] = '{tag}' ASYNC")

    def close(self) -> None:
        """Close the folder. No query may be running any more."""
        for kept in self._idle.values():
            for connection in kept:
                connection.close()
        self._first.close()
        os.close(self._lock)

    def _made(self, role: str, database: str) -> Connection:
        made = Connection(connect(self._folder, self._options))
        try:
            made.run(f"USE {quoted(database)}")
            made.run(f"SET {READING}")
            if role == OWNER:  # on loopback packing costs more than it saves: it was a third of what a large read cost
                made.run("SET output_format_arrow_compression_method = 'none'")
            if role == GUEST:
                made.run(f"SET {_assigned(self._limits.settings())}")
                made.run(f"SET ROLE {GUEST}")
                made.run("SET readonly = 2")
        except BaseException:
            made.close()
            raise
        return made


def _assigned(settings: Mapping[str, int | str]) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in settings.items())
