"""A query that runs: in a thread of its own, its answer written by ClickHouse's engine into a pipe, in whatever format.

So an answer of any length takes no memory here, and what nobody reads is not made: the pipe is full.
"""

import asyncio
import fcntl
import os
import sys
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import suppress
from typing import Final, Protocol

from dompet.streams.engine.connections import Done
from dompet.streams.engine.refusals import CANCELLED, Refusal

PIECE_BYTES: Final = 1 << 20
"""What ClickHouse gathers before it writes, and the length of the pipe."""

_KILL_AGAIN_S: Final = 0.2
_F_SETPIPE_SZ: Final = 1031
"""Of Linux's fcntl.h."""


def output_path(descriptor: int) -> str:
    """A path under which this process finds what it has open."""
    return f"/proc/self/fd/{descriptor}" if sys.platform == "linux" else f"/dev/fd/{descriptor}"


class Query(Protocol):
    """A query that can be run once."""

    def run(self, writer: int) -> Done:
        """Run it; its answer goes into a pipe, which is not closed. Refusal where it fails."""

    def kill(self) -> None:
        """Have it end with an error. By any thread, and as often as is needed."""


class Running:
    """One query while it runs."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self.sent_bytes = 0
        """The answer's, before it is packed."""
        self.fault: Refusal | None = None
        """What ended it in the midst of its answer."""
        self.is_killed = False
        """By who asked."""
        self._reader = -1
        self._ended: asyncio.Future[Done]
        self._has_begun = False
        self._killing: asyncio.Future[None] | None = None

    def start(self, pool: Executor) -> None:
        """Run it in a thread of the pool."""
        if self.is_killed:
            raise Refusal(CANCELLED, "Query was cancelled before it began")
        self._reader, writer = os.pipe()
        os.set_blocking(self._reader, False)
        with suppress(OSError):
            fcntl.fcntl(writer, _F_SETPIPE_SZ, PIECE_BYTES)
        self._ended = asyncio.get_running_loop().run_in_executor(pool, self._run, writer)
        self._has_begun = True

    def _run(self, writer: int) -> Done:
        try:
            return self._query.run(writer)
        finally:
            os.close(writer)

    async def speaks(self, within_s: float) -> bool:
        """Whether it writes something, or ends, before so many seconds are over."""
        try:
            async with asyncio.timeout(within_s):
                await self._readable()
        except TimeoutError:
            return False
        return True

    async def pieces(self) -> AsyncIterator[bytes]:
        """The answer, as it comes. It is over when the query has ended, well or not: see `done`."""
        while piece := await self._read():
            yield piece

    async def done(self) -> Done:
        """What it took. Refusal where it failed. To be asked for once all pieces were read."""
        return await asyncio.shield(self._ended)

    def kill(self, killing: Executor) -> None:
        """Have it end with an error, or not begin."""
        self.is_killed = True
        if self._has_begun and self._killing is None:
            self._killing = asyncio.ensure_future(self._until_ended(killing))

    async def stop(self, killing: Executor) -> None:
        """See to it that it runs no longer, and return once that is so; nothing where it has ended by itself."""
        draining = asyncio.ensure_future(self._drain())
        await self._until_ended(killing)
        await draining
        os.close(self._reader)
        self._ended.exception()  # nobody asks for it any more

    async def _until_ended(self, killing: Executor) -> None:
        while not self._ended.done():
            await asyncio.get_running_loop().run_in_executor(killing, self._query.kill)
            await asyncio.wait([self._ended], timeout=_KILL_AGAIN_S)  # killed before the engine knew of it, it goes on

    async def _drain(self) -> None:
        """Read what nobody wants: neither a full pipe nor one without a reader lets a query end."""
        while await self._read():
            pass

    async def _read(self) -> bytes:
        while True:
            try:
                return os.read(self._reader, PIECE_BYTES)
            except BlockingIOError:
                await self._readable()

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        readable = loop.create_future()
        loop.add_reader(self._reader, _set, readable)
        try:
            await readable
        finally:
            loop.remove_reader(self._reader)


def _set(readable: asyncio.Future[None]) -> None:
    if not readable.done():
        readable.set_result(None)
