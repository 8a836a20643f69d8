"""Queries to the engine that holds an embedded warehouse, over HTTP on loopback. It may be another process each time:
where to ask is read again for every connection.
"""

import http.client
import select
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

from dompet.streams.warehouse.base import WarehouseUnavailable
from dompet.streams.warehouse.faults import refusal
from dompet.streams.warehouse.holder import AS_GUEST, Holder, holder_of

_IDLE_S: Final = 10.0
"""The engine closes a connection that asks nothing for 30 s: an older one is not used again."""
_LOOK_S: Final = 5.0
_MISSED_MAX: Final = 3
"""An engine that answers three pings in a row not within five seconds hangs; a query of its own may take any time."""
_UNKNOWN_TOKEN: Final = 516


class EngineHttp:
    """Requests to the engine of a folder, from any number of threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._free: list[tuple[http.client.HTTPConnection, Holder, float]] = []
        self._busy: set[http.client.HTTPConnection] = set()
        self._stopped = False
        self._turn = threading.Lock()

    def run(self, sql: str, database: str) -> None:
        """Run a statement of the owner's, whose answer, if any, goes where the statement says.

        WarehouseError where ClickHouse refuses; WarehouseUnavailable where that heals, or nobody answers.
        """
        self._request(sql.encode(), {"database": database}, {})

    def insert(self, sql: str, database: str, block: bytes) -> None:
        """The same for a statement that reads the block that comes along."""
        self._request(block, {"query": sql, "database": database}, {})

    def content(self, sql: str, database: str, form: str) -> bytes:
        """The answer to a query of the owner's. Raises as `run`."""
        return self._request(sql.encode(), {"database": database, "default_format": form}, {})

    def answer(self, sql: str, database: str, form: str) -> bytes:
        """The answer to anybody's query, with a guest's rights and limits. Raises as `run`."""
        parameters = {"database": database, "default_format": form, "wait_end_of_query": "1", "user": "dompet"}
        return self._request(sql.encode("utf-8", "surrogateescape"), parameters, {AS_GUEST: "1"})

    def stop(self) -> None:
        """End what is being asked, and answer nothing any more: the engine ends a query whose connection ends."""
        with self._turn:
            self._stopped = True
            for connection in self._busy:
                with suppress(OSError, AttributeError):  # it may be connecting, or be closed already
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close what is open; whatever is asked afterwards connects again."""
        with self._turn:
            while self._free:
                self._free.pop()[0].close()

    def _request(self, body: bytes, parameters: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
        with self._connection() as (connection, holder):
            own = {"Authorization": f"Bearer {holder.token}", **headers}
            connection.request("POST", f"/?{urlencode(parameters)}", body, own)
            self._wait(connection, holder)
            response = connection.getresponse()
            content = response.read()
            code = response.headers.get("X-ClickHouse-Exception-Code")
        if code is None and response.status == http.client.OK:
            return content
        if code == str(_UNKNOWN_TOKEN):
            raise WarehouseUnavailable(f"{self._place(holder)} is another one by now")
        raise refusal(content.decode("utf-8", "replace"), int(code) if code else None)

    @contextmanager
    def _connection(self) -> Iterator[tuple[http.client.HTTPConnection, Holder]]:
        """A connection for one request; it is used again if that went well."""
        holder = holder_of(self._folder)
        if holder is None:
            raise WarehouseUnavailable(f"no engine holds the embedded warehouse at {self._folder}")
        connection = self._idle_connection(holder) or _connection_to(holder)
        try:
            if connection.sock is None:
                connection.connect()
            self._begin(connection)
            yield connection, holder
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            said = str(error) or type(error).__name__
            raise WarehouseUnavailable(f"{self._place(holder)} cannot be reached: {said}") from None
        except BaseException:
            connection.close()  # what runs for it is ended by the engine
            raise
        finally:
            with self._turn:
                self._busy.discard(connection)
        with self._turn:
            self._free.append((connection, holder, time.monotonic()))

    def _begin(self, connection: http.client.HTTPConnection) -> None:
        """From now on `stop` ends what this connection asks."""
        with self._turn:
            if self._stopped:
                raise WarehouseUnavailable("the question was given up")
            self._busy.add(connection)

    def _idle_connection(self, holder: Holder) -> http.client.HTTPConnection | None:
        """A connection to this engine that was used a moment ago, if there is one."""
        with self._turn:
            while self._free:
                connection, other, since = self._free.pop()
                if other == holder and time.monotonic() - since < _IDLE_S:
                    return connection
                connection.close()
        return None

    def _wait(self, connection: http.client.HTTPConnection, holder: Holder) -> None:
        """Return once an answer begins. A query may take long; an engine that is alive answers pings meanwhile."""
        missed, answer = 0, select.poll()  # `select` takes no descriptor above 1,023
        answer.register(connection.sock, select.POLLIN)
        while not answer.poll(_LOOK_S * 1000):
            missed = 0 if _lives(holder) else missed + 1
            if missed == _MISSED_MAX:
                raise TimeoutError(f"no answer to a ping for {missed * 2 * _LOOK_S:.0f} s")

    def _place(self, holder: Holder) -> str:
        return f"the engine of the embedded warehouse at {self._folder} (process {holder.pid})"


def engine_answers(folder: Path) -> bool:
    """Whether an engine holds the folder and can be asked now."""
    holder = holder_of(folder)
    return holder is not None and _lives(holder)


def engine_health(holder: Holder) -> bytes:
    """What the engine says of itself, as JSON. OSError or HTTPException where it does not answer."""
    connection = _connection_to(holder, _LOOK_S)
    try:
        connection.request("GET", "/health", headers={"Authorization": f"Bearer {holder.token}"})
        return connection.getresponse().read()
    finally:
        connection.close()


def _lives(holder: Holder) -> bool:
    connection = _connection_to(holder, _LOOK_S)
    try:
        connection.request("GET", "/ping", headers={"Authorization": f"Bearer {holder.token}"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _connection_to(holder: Holder, timeout_s: float = 600.0) -> http.client.HTTPConnection:
    place = urlsplit(holder.url)
    return http.client.HTTPConnection(place.hostname or "", place.port, timeout=timeout_s)
