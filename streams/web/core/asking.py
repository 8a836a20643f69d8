"""Asking the warehouse for many readers: equal questions that come together are asked once, and an answer is kept as
long as no checkpoint moves. An answer may be two seconds old, and its position says as of which place it speaks. What
takes long may be older where whoever asks shows as of when.

A question that nobody waits for any more is ended at the warehouse.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

import pyarrow as pa
from anyio import CapacityLimiter, to_thread

from dompet.streams.answers.filters import Filters
from dompet.streams.answers.question import Question
from dompet.streams.settings import Settings
from dompet.streams.warehouse.client import WarehouseClient
from dompet.streams.web.core.clients import Asking, Clients, end
from dompet.streams.web.core.figures import Watch
from dompet.streams.web.core.limits import SECONDS, Busy, TooSlow, read_limited
from dompet.streams.web.core.log_end import LogEnd
from dompet.streams.web.core.position import Position, read_position
from dompet.streams.web.core.prepared import Prepared
from dompet.streams.web.core.shares import Shares
from dompet.streams.web.core.stored import Answer, Running, Stored
from dompet.streams.web.core.sums import Sums

_THREADS: Final = 4
_WAITING_MOST: Final = 64
_PATIENCE_S: Final = 10.0
"""How long a reader waits for an answer of now where an older one is known."""
_SOON_S: Final = 0.05
"""How long a page waits for a newer answer where it can show an older one."""
_R = TypeVar("_R")


class Asker:
    """One for a process, used from its event loop alone."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.topic = settings.topics.log.name
        self.log = LogEnd(settings)
        self._clients = Clients(settings)
        self._threads = CapacityLimiter(_THREADS)
        self._own_thread = CapacityLimiter(1)
        self._person_threads = CapacityLimiter(2)
        self.watch = Watch(self.settings, self.topic, self.log, self._run_own)
        self._sums_threads = CapacityLimiter(2)
        self._again_thread = CapacityLimiter(1)
        self._stored = Stored()
        self._sums = Sums(lambda sql: self._run_sums(lambda ask: read_limited(ask, sql)), self.read, self._read_ahead)
        self._prepared = Prepared(self._look, self._sums.prepare)
        self._running: dict[tuple[str, str], Running] = {}
        self._shares = Shares()
        self._wrote_s = 0.0

    async def position(self, *, now: bool = False) -> Position:
        """Where the warehouse was when the newest sums were added up, about two seconds ago; or where it is now."""
        return await (self._look() if now else self._prepared.position())

    async def read(self, sql: str, position: Position, *, of_person: bool = False) -> pa.Table:
        """The answer to a query of dompet's own, as the warehouse was at the position or later. One that is about a
        single person takes little: it waits for no larger one.
        """
        stored = self._stored.get(sql)
        if stored is not None and stored.holds(position):
            return stored.table
        running = self._asked(sql, position, self._run_of_person if of_person else self.run)
        running.waiting += 1
        try:
            return (await asyncio.shield(running.task)).table
        finally:
            self._leave(running)

    def _leave(self, running: Running) -> None:
        running.waiting -= 1
        if not running.waiting and self._running.get(running.key) is running:
            del self._running[running.key]
            running.task.cancel()  # the last one who waited has left

    async def read_soon(self, sql: str, position: Position) -> Answer:
        """The same for who shows as of when an answer speaks: where a newer one takes long, the one before."""
        stored = self._stored.get(sql)
        if stored is not None and stored.holds(position):
            return Answer(stored.table, position)
        if stored is None or not self._stored.shown(stored, position):
            return await self._read_patiently(sql, position, stored)
        running = self._under_way(sql, position, stored)
        if running is None and self._stored.rested(stored) and not self._again_thread.statistics().tasks_waiting:
            running = self._asked(sql, position, self._run_again)
            running.waiting += 1  # it goes on for the next one who asks
        if running is not None:
            await asyncio.wait([running.task], timeout=_SOON_S)
        newest = self._stored.get(sql) or stored
        return Answer(newest.table, position) if newest.holds(position) else newest

    async def _read_patiently(self, sql: str, position: Position, older: Answer | None) -> Answer:
        """Where the warehouse is so busy that no answer comes, an old one is better than none; the question goes on."""
        run = self._run_again if older is not None and older.is_slow else self.run
        running = self._under_way(sql, position, older) or self._asked(sql, position, run)
        running.waiting += 1
        try:
            async with asyncio.timeout(None if older is None else _PATIENCE_S):
                answer = await asyncio.shield(running.task)
        except (TimeoutError, Busy, TooSlow):
            if older is None:
                raise
            return self._stored.get(sql) or older  # one that runs still goes on for the next one who asks
        except BaseException:
            self._leave(running)
            raise
        self._leave(running)
        return answer

    def _under_way(self, sql: str, position: Position, older: Answer | None) -> Running | None:
        """The question as it runs already: at this position, or at an earlier one where that is enough."""
        if (exactly := self._running.get((position.stamp, sql))) is not None:
            return exactly
        for running in self._running.values():
            if running.key[1] == sql and running.began_s > self._wrote_s and running.is_enough(older):
                return running
        return None

    async def derived(self, question: Question, filters: Filters, position: Position, limit: int) -> pa.Table | None:
        """The first rows of an answer that is added up from a cube, as of the position or later; None where it is not,
        and while the cube's sums are built for the first time.
        """
        return await self._sums.answer(question, filters, position, limit)

    async def warm(self) -> None:
        """Build what pages are made of before the first reader comes. DompetError where the warehouse is away."""
        await self._sums.warm(await self.position())

    async def _look(self) -> Position:
        return await self._run_own(lambda client: read_position(client, self.topic))

    async def _read_ahead(self, sql: str, position: Position) -> pa.Table:
        running = self._asked(sql, position, self._run_sums)
        running.waiting += 1  # it goes on though all who wait leave
        return (await running.task).table

    def _asked(self, sql: str, position: Position, run: Callable[..., Awaitable[Answer]]) -> Running:
        """The query as it runs, for everybody who asks it at this position."""
        key, stored = (position.stamp, sql), self._stored
        if key not in self._running:

            def ask(client: WarehouseClient) -> Answer:
                began_s = time.monotonic()
                return Answer(read_limited(client, sql), position, time.monotonic() - began_s)

            self._running[key] = Running(key, asyncio.ensure_future(run(ask)))
            self._running[key].task.add_done_callback(lambda done: self._keep(key, stored, done))
        return self._running[key]

    async def run(self, call: Callable[[WarehouseClient], _R]) -> _R:
        """What a call of a client gives, made in a thread. Busy, TooMany, TooSlow, or the DompetError that it raises.
        Where this is cancelled, what the call asks is ended at the warehouse.
        """
        async with self._shares.turn():
            return await self._run(call, self._threads)

    async def _run_of_person(self, call: Callable[[WarehouseClient], _R]) -> _R:
        async with self._shares.turn():
            return await self._run(call, self._person_threads)

    async def _run_own(self, call: Callable[[WarehouseClient], _R]) -> _R:
        """The same for what every page needs: it takes no reader's turn, so none can hold it up."""
        return await self._run(call, self._own_thread)

    async def _run_again(self, call: Callable[[WarehouseClient], _R]) -> _R:
        """The same for what nobody waits for, or is known to take long: one at a time."""
        return await self._run(call, self._again_thread)

    async def _run_sums(self, call: Callable[[WarehouseClient], _R]) -> _R:
        """The same for the sums that pages are made of: two at a time."""
        return await self._run(call, self._sums_threads)

    async def _run(self, call: Callable[[WarehouseClient], _R], threads: CapacityLimiter) -> _R:
        if threads.statistics().tasks_waiting >= _WAITING_MOST:
            raise Busy("too many questions wait for the warehouse")
        asking = Asking()
        try:
            async with asyncio.timeout(SECONDS):
                return await to_thread.run_sync(
                    self._clients.ask, call, asking, limiter=threads, abandon_on_cancel=True
                )
        except asyncio.CancelledError:
            end(asking)
            raise
        except TimeoutError:
            end(asking)
            raise TooSlow(f"the warehouse did not answer within {SECONDS} s") from None

    async def lag(self, position: Position) -> int | None:
        """How many records of the log the position lacks; None where the log does not answer."""
        ends: Mapping[int, int] | None = await self.log.ends()
        return None if ends is None else position.lag(ends)

    def forget(self) -> None:
        """What was written by this process is seen by the next question."""
        self._prepared.forget()
        self._stored = Stored()
        self._wrote_s = time.monotonic()

    def close(self) -> None:
        """Let go of all connections."""
        self._clients.close()

    def _keep(self, key: tuple[str, str], stored: Stored, done: asyncio.Future[Answer]) -> None:
        if (running := self._running.get(key)) and running.task is done:
            del self._running[key]
        if not done.cancelled() and done.exception() is None:
            stored.put(key[1], done.result())
