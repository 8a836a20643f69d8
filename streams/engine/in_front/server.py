"""A server's connections for guests: each has the limits, may only read, and is used for one query at a time."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from clickhouse_driver.errors import Error as DriverError
from clickhouse_driver.errors import ServerException, UnknownTypeError

from dompet.streams.engine.limits import Limits
from dompet.streams.engine.refusals import BAD_ARGUMENTS, NETWORK_ERROR, NOT_IMPLEMENTED, Refusal, failure
from dompet.streams.warehouse.base import WarehouseError
from dompet.streams.warehouse.server_answers import AS_FORMAT
from dompet.streams.warehouse.server_client import CancellableClient
from dompet.streams.warehouse.server_session import driver_options, hint_of, place_of

_READS: Final = 2
"""ClickHouse's `readonly`: nothing is written, and settings may be given."""
_AFTER_OTHERS: Final = 10
"""ClickHouse's `priority`: a query goes on once none of a lower number runs; dompet's own have none, and never wait."""
_IDLE_MAX: Final = 8
_DEAF_S: Final = 5.0
"""How long a server may take to end a query that was cancelled."""
_AGAIN_S: Final = 1


class Connection:
    """One connection. `failed`: it is not to be used again, for what is unread on it would be taken for the next
    answer.
    """

    def __init__(self, client: CancellableClient) -> None:
        self.client = client
        self.failed = False
        self._cancelled_s = math.inf

    def cancel(self) -> None:
        """End its query, by any thread: as the protocol says, and by ending the connection where that does not help."""
        self.failed = True
        self._cancelled_s = min(self._cancelled_s, time.monotonic())
        self.client.cancel()
        if time.monotonic() - self._cancelled_s > _DEAF_S:
            self.client.cut()


class Server:
    """The server at a URL as of clickhouse-driver. WarehouseError where it does not answer, or does not take the
    limits.
    """

    def __init__(self, url: str, limits: Limits) -> None:
        self._idle: dict[str, list[Connection]] = {}
        self._turn = threading.Lock()
        self._place = place_of(url)
        self._host, self._options = driver_options(url, _limiting(limits), AS_FORMAT)

    def itself(self) -> tuple[str, str, str]:
        """Its release, its time zone, and the URL's database."""
        try:
            with self.connection("") as connection:
                connection.client.execute("SELECT 1")
                info = connection.client.connection.server_info
                release = f"{info.version_major}.{info.version_minor}.{info.version_patch}"
                return release, str(info.get_timezone()), str(self._options.get("database", "default"))
        except Refusal as refusal:
            raise WarehouseError(f"{refusal}{hint_of(refusal.code)}") from None

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query of dompet's own. Refusal where the server refuses, fails or is away."""
        with self.connection("") as connection:
            found: list[tuple[Any, ...]] = connection.client.execute(sql)
            return found

    @contextmanager
    def connection(self, database: str) -> Iterator[Connection]:
        """A connection to this database, with the limits, for the block. Refusal where the server refuses, fails or is
        away.
        """
        with self._turn:
            kept = self._idle.setdefault(database, [])
            found = kept.pop() if kept else None
        found = found or self._made(database)
        try:
            with self._explained():
                yield found
        except BaseException:
            found.failed = True
            raise
        finally:
            with self._turn:
                if keep := not found.failed and len(kept) < _IDLE_MAX:
                    kept.append(found)
            if not keep:
                found.client.disconnect()

    def _made(self, database: str) -> Connection:
        named = {"database": database} if database else {}
        return Connection(CancellableClient(self._host, **{**self._options, **named}))

    def close(self) -> None:
        """Let go of every connection. No query may be running any more."""
        for kept in self._idle.values():
            for connection in kept:
                connection.client.disconnect()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ServerException as error:
            raise failure(f"Code: {error.code}. {error.message}") from None
        except UnknownTypeError as error:
            raise Refusal(NOT_IMPLEMENTED, f"the answer has a type that cannot be read: {error.message}") from None
        except WarehouseError as error:
            raise Refusal(BAD_ARGUMENTS, str(error)) from None
        except (DriverError, EOFError, OSError) as error:
            said = (str(error) or type(error).__name__).splitlines()[0]
            raise Refusal(NETWORK_ERROR, f"ClickHouse at {self._place} cannot be reached: {said}", _AGAIN_S) from None


def _limiting(limits: Limits) -> dict[str, int | str]:
    """The settings that every query of a guest has."""
    return {
        "readonly": _READS,
        "max_execution_time": math.ceil(limits.seconds),
        "timeout_overflow_mode": "throw",
        "max_memory_usage": limits.memory_bytes,
        "max_result_rows": limits.rows,
        "result_overflow_mode": "throw",
        "priority": _AFTER_OTHERS,
    }
