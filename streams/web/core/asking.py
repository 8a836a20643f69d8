"""Asking the warehouse for many readers: equal questions that come together are asked once, and an answer is kept as
long as no checkpoint moves. An answer may be two seconds old, and its position says as of which place it speaks.

A question that nobody waits for any more is ended at the warehouse.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import pyarrow as pa
from anyio import CapacityLimiter, to_thread

from dompet.schemas.errors import DompetError
from dompet.streams.settings import Settings
from dompet.streams.warehouse.client import WarehouseClient
from dompet.streams.web.core.clients import Asking, Clients
from dompet.streams.web.core.figures import Watch
from dompet.streams.web.core.log_end import LogEnd
from dompet.streams.web.core.position import Position, read_position
from dompet.streams.web.core.shares import Shares

FRESH_S: Final = 2.0
"""How old a look at the checkpoints may be."""
_ANSWER_S: Final = 30.0
_GIVE_UP_AGAIN_S: Final = 0.2
_THREADS: Final = 4
_WAITING_MOST: Final = 64
_KEPT_BYTES: Final = 48 << 20
_R = TypeVar("_R")


class Busy(DompetError):
    """So many questions wait that another one would wait too long."""


class TooSlow(DompetError):
    """A question was not answered in time."""


@dataclass
class _Running:
    """A question that runs, and how many wait for it."""

    task: asyncio.Task[pa.Table]
    waiting: int = 0


class Asker:
    """One for a process, used from its event loop alone."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.topic = settings.topics.log.name
        self.log = LogEnd(settings)
        self._clients = Clients(settings)
        self._threads = CapacityLimiter(_THREADS)
        self._own_thread = CapacityLimiter(1)
        self.watch = Watch(self.settings, self.topic, self.log, self._run_own)
        self._position: asyncio.Task[Position] | None = None
        self._stored: OrderedDict[tuple[str, str], pa.Table] = OrderedDict()
        self._bytes = 0
        self._running: dict[tuple[str, str], _Running] = {}
        self._shares = Shares()

    async def position(self, *, now: bool = False) -> Position:
        """Where the warehouse is: looked at no longer than two seconds ago, or now."""
        task = self._position
        if task and task.done():
            known = not task.cancelled() and task.exception() is None
            if now or not known or time.monotonic() - task.result().looked_s > FRESH_S:
                task = None
        if task is None:
            task = asyncio.create_task(self._run_own(lambda client: read_position(client, self.topic)))
            self._position = task
        return await asyncio.shield(task)

    async def read(self, sql: str, position: Position) -> pa.Table:
        """The answer to a query of dompet's own, as the warehouse was at the position or later."""
        key = (position.stamp, sql)
        if key in self._stored:
            self._stored.move_to_end(key)
            return self._stored[key]
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = _Running(asyncio.create_task(self.run(lambda client: client.read(sql))))
            running.task.add_done_callback(lambda done: self._keep(key, done))
        running.waiting += 1
        try:
            return await asyncio.shield(running.task)
        finally:
            running.waiting -= 1
            if not running.waiting and self._running.get(key) is running:
                del self._running[key]
                running.task.cancel()  # the last one who waited has left

    async def run(self, call: Callable[[WarehouseClient], _R]) -> _R:
        """What a call of a client gives, made in a thread. Busy, TooMany, TooSlow, or the DompetError that it raises.
        Where this is cancelled, what the call asks is ended at the warehouse.
        """
        async with self._shares.turn():
            return await self._run(call, self._threads)

    async def _run_own(self, call: Callable[[WarehouseClient], _R]) -> _R:
        """The same for what every page needs: it takes no reader's turn, so none can hold it up."""
        return await self._run(call, self._own_thread)

    async def _run(self, call: Callable[[WarehouseClient], _R], threads: CapacityLimiter) -> _R:
        if threads.statistics().tasks_waiting >= _WAITING_MOST:
            raise Busy("too many questions wait for the warehouse")
        asking = Asking()
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await to_thread.run_sync(
                    self._clients.ask, call, asking, limiter=threads, abandon_on_cancel=True
                )
        except asyncio.CancelledError:
            _end(asking)
            raise
        except TimeoutError:
            _end(asking)
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
        if done.cancelled() or done.exception() is not None:
            return
        self._stored[key] = done.result()
        self._bytes += done.result().nbytes
        while self._bytes > _KEPT_BYTES:
            _, oldest = self._stored.popitem(last=False)
            self._bytes -= oldest.nbytes


def _end(asking: Asking) -> None:
    """Give it up until it has ended."""
    if asking.give_up():
        asyncio.get_running_loop().call_later(_GIVE_UP_AGAIN_S, _end, asking)
