"""Where a process listens for HTTP: connections are counted, and those that ask nothing for too long are closed."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

_LOOKS: Final = 10
"""How often, in the time that a connection may be idle, all are looked at."""
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _Connection(RequestHandler):
    """One connection. It counts as idle until the head of a request has come whole."""

    def __init__(self, listener: "Listener", server: web.Server, **options: Any) -> None:
        super().__init__(server, **options)
        self._listener = listener
        self.idle_since = time.monotonic()
        self.asked = 0
        """Requests whose answers are not made yet."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if not self._listener.admits(self):
            assert isinstance(transport, asyncio.Transport)  # noqa: S101  (of TCP it is one)
            transport.write(self._listener.busy)
            transport.close()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._listener.forget(self)
        super().connection_lost(exc)


class Listener:
    """Listens on one port, 0 for any. `connections`: how many at the same time; one more is answered `busy`, which is
    a whole HTTP answer. `idle_s`: how long one may be without the head of a request, from its begin or from the end of
    the last one. `options`: aiohttp's of a connection. `end_s`: how long an answer may take once all is to end.
    """

    def __init__(
        self,
        handler: Handler,
        host: str,
        port: int,
        connections: int,
        idle_s: float,
        busy: bytes,
        options: Mapping[str, Any],
        end_s: float,
    ) -> None:
        self._handler = handler
        self._place = (host, port)
        self._connections_max = connections
        self._idle_s = idle_s
        self.busy = busy
        self._options = options
        self._end_s = end_s
        self._open: set[_Connection] = set()
        self.refused = 0
        """How many connections there was no room for."""
        self._server: asyncio.Server | None = None
        self._watch: asyncio.Task[None]
        self._answering: web.Server

    async def start(self) -> int:
        """Begin to listen; the port. OSError where it is taken."""
        loop = asyncio.get_running_loop()
        self._answering = web.Server(self._answered, handler_cancellation=True)
        self._server = await loop.create_server(self._connection, *self._place, backlog=512)
        self._watch = loop.create_task(self._close_idle())
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Listen no more, and end every connection, whatever it waits for."""
        if self._server is None:
            return
        self._server.close()
        self._watch.cancel()
        with suppress(asyncio.CancelledError):
            await self._watch
        await self._answering.shutdown(self._end_s)

    @property
    def open_count(self) -> int:
        """How many connections there are."""
        return len(self._open)

    def admits(self, connection: _Connection) -> bool:
        """Whether there is room for one more."""
        if len(self._open) >= self._connections_max:
            self.refused += 1
            return False
        self._open.add(connection)
        return True

    def forget(self, connection: _Connection) -> None:
        """It is gone."""
        self._open.discard(connection)

    def _connection(self) -> _Connection:
        return _Connection(self, self._answering, loop=asyncio.get_running_loop(), **self._options)

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        assert isinstance(connection, _Connection)  # noqa: S101  (it is made so)
        connection.asked += 1
        try:
            return await self._handler(request)
        finally:
            connection.asked -= 1
            connection.idle_since = time.monotonic()

    async def _close_idle(self) -> None:
        while True:
            await asyncio.sleep(self._idle_s / _LOOKS)
            latest = time.monotonic() - self._idle_s
            for connection in list(self._open):
                if not connection.asked and connection.idle_since < latest:
                    connection.force_close()
                    if connection.transport is not None:
                        connection.transport.close()
