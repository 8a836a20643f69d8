"""One connection to a ClickHouse server, by its native protocol (clickhouse-driver): how it is made, and ended."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pyarrow as pa
from clickhouse_driver.errors import Error as DriverError
from clickhouse_driver.errors import ServerException
from clickhouse_driver.util.helpers import parse_url

from dompet.streams.warehouse.base import WarehouseError, WarehouseUnavailable
from dompet.streams.warehouse.faults import HEALING, refusal
from dompet.streams.warehouse.operator_tables import quoted
from dompet.streams.warehouse.server_answers import answer
from dompet.streams.warehouse.server_client import CancellableClient
from dompet.streams.warehouse.server_inserts import insert
from dompet.streams.warehouse.server_reads import read

_CONNECTION: Final = {
    "connect_timeout": 5.0,
    "sync_request_timeout": 5.0,
    "send_receive_timeout": 30.0,  # of silence, and while it reads a server reports its progress all the time
    "tcp_keepalive": (30, 10, 3),  # seconds of idleness, seconds between probes, probes
}
"""What the driver allows itself; its own default waits five minutes for a server that hangs."""

_COMPLETE: Final = {"client_revision": 54453}
"""What the client calls itself: from the next revision on a server may send a column without its usual values."""

_HINTS: Final = {
    81: " (CREATE DATABASE makes one; --warehouse names it)",  # UNKNOWN_DATABASE
    516: " (--warehouse names user and password)",  # AUTHENTICATION_FAILED
    193: " (--warehouse names user and password)",  # WRONG_PASSWORD
    192: " (--warehouse names user and password)",  # UNKNOWN_USER
}


def driver_options(
    url: str, settings: Mapping[str, Any], fixed: Mapping[str, Any] | None = None
) -> tuple[str, dict[str, Any]]:
    """The host of a server's URL, and what clickhouse-driver's Client is made with beside it. WarehouseError where an
    option has a value that it cannot have.
    """
    try:
        host, given = parse_url(url)
        if int(given.get("settings", {}).get("insert_block_size", 1)) < 1:
            raise ValueError("insert_block_size is at least 1")
    except ValueError as error:
        raise WarehouseError(f"the URL of the ClickHouse server has a wrong option: {error}") from None
    set_ = {**given.get("settings", {}), **settings}
    return host, {**_CONNECTION, **given, **_COMPLETE, **(fixed or {}), "settings": set_}


def place_of(url: str) -> str:
    """The host and port of a server's URL."""
    host, given = parse_url(url)
    return f"{host}:{given.get('port', 9440 if given.get('secure') else 9000)}"


def hint_of(code: int) -> str:
    """What to do about a refusal of ClickHouse's, after its sentence; empty where nothing is known."""
    return _HINTS.get(code, "")


class Session:
    """One connection, used by one thread at a time. One that failed is never used again: the next call makes another,
    for what is left unread on it would be taken for the next answer.
    """

    def __init__(self, url: str, settings: Mapping[str, Any], fixed: Mapping[str, Any] | None = None) -> None:
        host, options = driver_options(url, settings, fixed)
        self._place = place_of(url)
        self._turn = threading.Lock()
        try:
            self._client = CancellableClient(host, **options)
        except DriverError as error:
            raise WarehouseError(f"ClickHouse at {self._place}: {error.message}") from None
        self.database = str(options.get("database", "default"))
        self._stopped = self._inserting = False

    def use(self, database: str) -> None:
        """Use this database, also after connecting again."""
        self.execute(f"USE {quoted(database)}")
        self.database = self._client.connection.database = database

    def read(self, sql: str) -> pa.Table:
        with self._turn, self._as_warehouse_errors():
            return read(self._client, sql)

    def answer(self, sql: str, form: str) -> bytes:
        with self._turn, self._as_warehouse_errors():
            return answer(self._client, sql, form)

    def execute(self, sql: str) -> None:
        with self._turn, self._as_warehouse_errors():
            read(self._client, sql)

    def insert(self, table: str, rows: pa.Table) -> None:
        with self._turn:
            self._inserting = True
            try:
                with self._as_warehouse_errors():
                    insert(self._client, table, rows)
            finally:
                self._inserting = False

    def stop(self) -> None:
        """End what is being asked. In the midst of a block a Cancel would be taken for a part of it, so there the
        connection is ended.
        """
        self._stopped = True
        if self._inserting:
            self._client.cut()
        else:
            self._client.cancel()

    def close(self) -> None:
        self._client.disconnect()

    @contextmanager
    def _as_warehouse_errors(self) -> Iterator[None]:
        """The driver's errors as one sentence of ours, without what was sent."""
        self._go_on()
        try:
            yield
            self._go_on()
        except ServerException as error:
            self._client.disconnect()
            hint = hint_of(error.code)
            raise refusal(str(error.message), error.code, f"ClickHouse at {self._place} answered: {{}}{hint}") from None
        except (DriverError, EOFError, OSError) as error:
            self._client.disconnect()
            self._go_on()
            said = (str(error) or type(error).__name__).splitlines()[0]
            if isinstance(error, DriverError) and error.code not in HEALING:
                raise WarehouseError(f"ClickHouse at {self._place}: {said}") from None
            raise WarehouseUnavailable(f"ClickHouse at {self._place} cannot be reached: {said}") from None
        except BaseException:
            self._client.disconnect()
            raise

    def _go_on(self) -> None:
        """WarehouseUnavailable where it was stopped."""
        if self._stopped:
            raise WarehouseUnavailable("the question was given up")
