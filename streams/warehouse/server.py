"""A ClickHouse server by its native protocol (clickhouse-driver), from 18.16 to today's."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

import pyarrow as pa
from clickhouse_driver import Client
from clickhouse_driver.errors import Error as DriverError
from clickhouse_driver.errors import ServerException
from clickhouse_driver.util.helpers import parse_url

from dompet.streams.process.memory import take_in_pandas
from dompet.streams.warehouse.base import WarehouseError, WarehouseUnavailable, bound, read_only
from dompet.streams.warehouse.faults import HEALING, refusal
from dompet.streams.warehouse.operator_tables import placed, quoted
from dompet.streams.warehouse.server_answers import AS_FORMAT, answer
from dompet.streams.warehouse.server_inserts import insert
from dompet.streams.warehouse.texts import text_rows

_WRITER: Final = {
    "use_numpy": True,
    "strings_as_bytes": True,  # dead letters are not text
    "allow_experimental_low_cardinality_type": 1,  # the oldest servers want to be asked
    "insert_deduplicate": 0,  # a repeat that the server dropped would not heal the views that it feeds
    "insert_distributed_sync": 1,
}
_READER: Final = {"readonly": 1}
_CONNECTION: Final = {
    "connect_timeout": 5.0,
    "sync_request_timeout": 5.0,
    "send_receive_timeout": 30.0,  # of silence, and while it reads a server reports its progress all the time
    "tcp_keepalive": (30, 10, 3),  # seconds of idleness, seconds between probes, probes
}
"""What the driver allows itself; its own default waits five minutes for a server that hangs."""


_HINTS: Final = {
    81: " (CREATE DATABASE makes one; --warehouse names it)",  # UNKNOWN_DATABASE
    516: " (--warehouse names user and password)",  # AUTHENTICATION_FAILED
    193: " (--warehouse names user and password)",  # WRONG_PASSWORD
    192: " (--warehouse names user and password)",  # UNKNOWN_USER
}


class ServerWarehouse:
    """One server: clickhouse://user:password@host:9000/database, with `?secure=1` or `clickhouses://` for TLS, and
    `send_receive_timeout=` and the like where the defaults do not fit.
    """

    def __init__(self, url: str) -> None:
        self._writer = _Session(url, _WRITER)
        self._reader = _Session(url, _READER, AS_FORMAT)
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


def driver_options(
    url: str, settings: Mapping[str, Any], fixed: Mapping[str, Any] | None = None
) -> tuple[str, dict[str, Any]]:
    """The host of a server's URL, and what clickhouse-driver's Client is made with beside it."""
    host, given = parse_url(url)
    return host, {**_CONNECTION, **given, **(fixed or {}), "settings": {**given.get("settings", {}), **settings}}


def place_of(url: str) -> str:
    """The host and port of a server's URL."""
    host, given = parse_url(url)
    return f"{host}:{given.get('port', 9440 if given.get('secure') else 9000)}"


def hint_of(code: int) -> str:
    """What to do about a refusal of ClickHouse's, after its sentence; empty where nothing is known."""
    return _HINTS.get(code, "")


class _CancellingClient(Client):  # type: ignore[misc]  # the driver has no types
    """Has the server end a query that is left, as at Ctrl-C: an old one computes on where a connection ends."""

    def disconnect(self) -> None:
        if self.connection.is_query_executing:
            with suppress(DriverError, EOFError, OSError, AttributeError):  # the connection may be the fault
                self.connection.send_cancel()
        super().disconnect()


class _Session:
    """One connection, used by one thread at a time. One that failed is never used again: the next call makes another,
    for what is left unread on it would be taken for the next answer.
    """

    def __init__(self, url: str, settings: Mapping[str, Any], fixed: Mapping[str, Any] | None = None) -> None:
        host, options = driver_options(url, settings, fixed)
        self._place = place_of(url)
        self._turn = threading.Lock()
        take_in_pandas()  # without it the driver takes no NumPy columns
        self._client = _CancellingClient(host, **options)
        self.database = str(options.get("database", "default"))
        self._stopped = False

    def use(self, database: str) -> None:
        """Use this database, also after connecting again."""
        self.execute(f"USE {quoted(database)}")
        self.database = self._client.connection.database = database

    def read(self, sql: str) -> pa.Table:
        with self._turn, self._told():
            return self._client.query_arrow(sql, field_metadata=False)

    def answer(self, sql: str, form: str) -> bytes:
        with self._turn, self._told():
            return answer(self._client, sql, form)

    def execute(self, sql: str) -> None:
        with self._turn, self._told():
            self._client.execute(sql)

    def insert(self, table: str, rows: pa.Table) -> None:
        with self._turn, self._told():
            insert(self._client, table, rows)

    def stop(self) -> None:
        """End what is being asked by the protocol's Cancel: an old server computes on where a connection ends."""
        self._stopped = True
        with suppress(DriverError, EOFError, OSError, AttributeError):  # it may be connecting, or be closed already
            self._client.connection.send_cancel()

    def close(self) -> None:
        self._client.disconnect()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The driver's errors as one sentence of ours, without what was sent."""
        if self._stopped:
            raise WarehouseUnavailable("the question was given up")
        try:
            yield
            if self._stopped:
                raise WarehouseUnavailable("the question was given up")
        except ServerException as error:
            self._client.disconnect()
            hint = hint_of(error.code)
            raise refusal(str(error.message), error.code, f"ClickHouse at {self._place} answered: {{}}{hint}") from None
        except (DriverError, EOFError, OSError) as error:
            self._client.disconnect()
            said = (str(error) or type(error).__name__).splitlines()[0]
            if isinstance(error, DriverError) and error.code not in HEALING:
                raise WarehouseError(f"ClickHouse at {self._place}: {said}") from None
            raise WarehouseUnavailable(f"ClickHouse at {self._place} cannot be reached: {said}") from None
        except BaseException:
            self._client.disconnect()
            raise
