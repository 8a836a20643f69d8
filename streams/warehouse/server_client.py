"""clickhouse-driver's client, whose query another thread can end."""

import socket
import threading
from contextlib import suppress
from typing import Any, Final

from clickhouse_driver import Client
from clickhouse_driver.errors import Error as DriverError

_AWAY: Final = (DriverError, EOFError, OSError, AttributeError, TypeError)
"""What the driver raises where a connection is being made, is closed, or fails."""


class Cancelled(DriverError):  # type: ignore[misc]  # the driver has no types
    """The query was ended before it was sent."""


class CancellableClient(Client):  # type: ignore[misc]
    """One connection. Once cancelled it is not to be used again.

    An old server computes on where a connection ends, so that a query is to be ended by the protocol's Cancel. The
    server takes no notice of one before a query; one in its midst, or before the empty block that follows it, is taken
    for something else. So Cancel waits until the query was sent.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sending = threading.Lock()
        self._sent = False
        self._cancelled = False

    def begin(self, sql: str) -> None:
        """Send a query. Cancelled where it was cancelled before."""
        with self._sending:
            if self._cancelled:
                raise Cancelled("the query was ended before it began")
            self._sent = False
            self.connection.send_query(sql)
            self.connection.send_external_tables(None)
            self._sent = True
        if self._cancelled:  # while it was sent
            self.cancel()

    def cancel(self) -> None:
        """End the query that runs, or is about to. By any thread, as often as is needed; it waits for nothing."""
        self._cancelled = True
        if not self._sending.acquire(blocking=False):
            return
        try:
            if self._sent and self.connection.is_query_executing:
                with suppress(*_AWAY):
                    self.connection.send_cancel()
        finally:
            self._sending.release()

    def cut(self) -> None:
        """End the connection under who uses it. By any thread."""
        with suppress(*_AWAY):
            # Not TLS's own shutdown: another thread is sending, and would for a moment do so in the clear.
            socket.socket.shutdown(self.connection.socket, socket.SHUT_RDWR)

    def disconnect(self) -> None:
        """End the connection, and the query that is left on it, as at Ctrl-C."""
        if self.connection.is_query_executing:
            with suppress(*_AWAY):  # the connection may be the fault
                self.connection.send_cancel()
        super().disconnect()
