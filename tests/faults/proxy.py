"""Links: ports of loopback that lead to others, on which connections can be cut, delayed, and struck at an insert."""

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from dompet.infra.ports import HOST, free_port
from tests.faults.inserts import Ambush, Deed, InsertWatch, refusal

_PIECE: Final = 65_536
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER's value that makes closing a reset: the other end gets an error at once."""


class Link:
    """Leads from `port` to `upstream_port`. The attributes may be set by any thread, at any time."""

    def __init__(self, upstream_port: int, loop: asyncio.AbstractEventLoop) -> None:
        self.port = free_port()
        self.upstream_port = upstream_port
        self.delay_s = 0.0
        self.ambush: Ambush | None = None
        self._loop = loop
        self._whole = True
        self._pieces_left = 0
        self._away_s = 0.0
        self.breaks = 0
        """How often it broke at a chosen piece."""
        self._back: asyncio.TimerHandle | None = None
        self._conversations: set[_Conversation] = set()

    async def listen(self) -> asyncio.Server:
        """Begin to take connections."""
        return await asyncio.start_server(self._meet, HOST, self.port)

    def cut(self) -> None:
        """Break every connection, and every new one at once."""
        self._whole = False
        self.reset()

    def repair(self) -> None:
        """Let connections come about again."""
        self._whole = True

    def cut_after(self, pieces: int, away_s: float) -> None:
        """Cut, for so many seconds, instead of carrying the last of so many pieces more that clients send. 0: never."""
        self._pieces_left, self._away_s = pieces, away_s

    def come_back(self) -> None:
        """Forget of such a cut what is still to come, and repair what it has done."""
        self._pieces_left = 0
        if self._back is not None:
            self._loop.call_soon_threadsafe(self._back.cancel)
        self.repair()

    def breaks_now(self) -> bool:
        """Whether it breaks instead of carrying what a client sends. From the loop, for each piece."""
        self._pieces_left -= 1
        if self._pieces_left:
            return False
        self.cut()
        self.breaks += 1
        self._back = self._loop.call_later(self._away_s, self.repair)
        return True

    def reset(self) -> None:
        """Break every connection there is."""
        self._loop.call_soon_threadsafe(self.reset_now)

    def reset_now(self) -> None:
        """The same, from the loop itself."""
        for conversation in list(self._conversations):
            conversation.abort()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = _Conversation(self, writer)
        if not self._whole:
            return conversation.abort()
        self._conversations.add(conversation)
        try:
            with suppress(OSError):
                await conversation.hold(reader)
        finally:
            conversation.abort()
            self._conversations.discard(conversation)


class _Conversation:
    """One connection and its continuation."""

    def __init__(self, link: Link, client: asyncio.StreamWriter) -> None:
        self._link = link
        self._client = client
        self._server: asyncio.StreamWriter | None = None
        self._watch = InsertWatch()
        self._silent = False

    async def hold(self, asking: asyncio.StreamReader) -> None:
        """Carry on until either end is gone."""
        answering, self._server = await asyncio.open_connection(HOST, self._link.upstream_port)
        halves = [
            asyncio.create_task(self._carry(asking, self._server, by_client=True)),
            asyncio.create_task(self._carry(answering, self._client, by_client=False)),
        ]
        _, left = await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        for half in left:
            half.cancel()
        await asyncio.gather(*halves, return_exceptions=True)

    def abort(self) -> None:
        """End both connections by a reset."""
        for writer in (self._client, self._server):
            if writer is not None and not writer.transport.is_closing():
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, by_client: bool) -> None:
        look = self._watch.from_client if by_client else self._watch.from_server
        while piece := await reader.read(_PIECE):
            if self._silent:
                continue
            if self._link.delay_s:
                await asyncio.sleep(self._link.delay_s)
            deed = look(piece, self._link.ambush)
            if deed is Deed.BREAK or (by_client and self._link.breaks_now()):
                return
            if deed is Deed.PASS:
                writer.write(piece)
                await writer.drain()
                continue
            self._silent = True
            if deed is Deed.REFUSE:
                self._client.write(refusal())


class Network:
    """Links, served by one thread of their own, as long as the context lasts."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="network")
        self._links: list[Link] = []
        self._servers: list[asyncio.Server] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def link(self, upstream_port: int) -> Link:
        """A new link to a port."""
        link = Link(upstream_port, self._loop)
        self._servers.append(asyncio.run_coroutine_threadsafe(link.listen(), self._loop).result())
        self._links.append(link)
        return link

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        for link in self._links:
            link.reset_now()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
