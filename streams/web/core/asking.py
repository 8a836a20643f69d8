"""Asking the warehouse for many readers: equal questions that come together are asked once, and an answer is kept as
long as no checkpoint moves. An answer may be two seconds old, and its position says as of which place it speaks.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import pyarrow as pa
from anyio import CapacityLimiter, to_thread

from dompet.schemas.errors import DompetError
from dompet.streams.settings import Settings
from dompet.streams.warehouse.client import WarehouseClient
from dompet.streams.web.core.clients import Clients
from dompet.streams.web.core.figures import Watch
from dompet.streams.web.core.log_end import LogEnd
from dompet.streams.web.core.position import Position, read_position

FRESH_S: Final = 2.0
"""How old a look at the checkpoints may be."""
_ANSWER_S: Final = 30.0
_THREADS: Final = 4
_WAITING_MOST: Final = 64
_KEPT_BYTES: Final = 48 << 20
_R = TypeVar("_R")


class Busy(DompetError):
    """So many questions wait that another one would wait too long."""


class TooSlow(DompetError):
    """A question was not answered in time."""


class Asker:
    """One for a process, used from its event loop alone."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.topic = settings.topics.log.name
        self.log = LogEnd(settings)
        self._clients = Clients(settings)
        self._threads = CapacityLimiter(_THREADS)
        self.watch = Watch(self.settings, self.topic, self.log, self.run)
        self._position: asyncio.Task[Position] | None = None
        self._stored: OrderedDict[tuple[str, str], pa.Table] = OrderedDict()
        self._bytes = 0
        self._running: dict[tuple[str, str], asyncio.Task[pa.Table]] = {}

    async def position(self, *, now: bool = False) -> Position:
        """Where the warehouse is: looked at no longer than two seconds ago, or now."""
        task = self._position
        if task and task.done():
            known = not task.cancelled() and task.exception() is None
            if now or not known or time.monotonic() - task.result().looked_s > FRESH_S:
                task = None
        if task is None:
            task = asyncio.create_task(self.run(lambda client: read_position(client, self.topic)))
            self._position = task
        return await asyncio.shield(task)

    async def read(self, sql: str, position: Position) -> pa.Table:
        """The answer to a query of dompet's own, as the warehouse was at the position or later."""
        key = (position.stamp, sql)
        if key in self._stored:
            self._stored.move_to_end(key)
            return self._stored[key]
        if key not in self._running:
            task = asyncio.create_task(self.run(lambda client: client.read(sql)))
            self._running[key] = task
            task.add_done_callback(lambda done: self._keep(key, done))
        return await asyncio.shield(self._running[key])

    async def run(self, call: Callable[[WarehouseClient], _R]) -> _R:
        """What a call of a client gives, made in a thread. Busy, TooSlow, or the DompetError that it raises."""
        if self._threads.statistics().tasks_waiting >= _WAITING_MOST:
            raise Busy("too many questions wait for the warehouse")
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await to_thread.run_sync(self._clients.ask, call, limiter=self._threads, abandon_on_cancel=True)
        except TimeoutError:
            raise TooSlow(f"the warehouse did not answer within {_ANSWER_S:g} s") from None

    async def lag(self, position: Position) -> int | None:
        """How many records of the log the position lacks; None where the log does not answer."""
        ends: Mapping[int, int] | None = await self.log.ends()
        return None if ends is None else position.lag(ends)

    def forget(self) -> None:
        """What was written by this process is seen by the next question."""
        self._position = None

    def close(self) -> None:
        """Let go of all connections."""
        self._clients.close()

    def _keep(self, key: tuple[str, str], done: asyncio.Task[pa.Table]) -> None:
        self._running.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._stored[key] = done.result()
        self._bytes += done.result().nbytes
        while self._bytes > _KEPT_BYTES:
            _, oldest = self._stored.popitem(last=False)
            self._bytes -= oldest.nbytes
