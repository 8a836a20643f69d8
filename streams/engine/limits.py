"""How much a guest may take: of time, memory, rows and bytes in a query, and of queries at the same time."""

import asyncio
import math
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dompet.streams.engine.refusals import TOO_MANY_QUERIES, Refusal

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

QUERY_BYTES_MAX: Final = 1 << 18
"""The longest text of a query: ClickHouse's own default (max_query_size)."""

_NICENESS: Final = 5
"""A third of the processor time that the fold has where both want it (Linux's weights). With 19, a seventieth, twenty
analysts waited 6.2 s for a wallet (p95) beside a worker at full rate, and 1.2 s with this; the worker lost nothing by
either (1.06, 1.10 of its rate without them).
"""


@dataclass(frozen=True)
class Limits:
    """What guests get: of one query the first four; of all together the next five; and how long a connection may be
    without a whole request, and an answer may wait for a client that reads nothing of it.
    """

    seconds: float = 60.0
    memory_bytes: int = 1_000_000_000
    rows: int = 10_000_000
    sent_bytes: int = 4_000_000_000
    at_once: int = 4
    at_once_a_user: int = 2
    waiting: int = 100
    waiting_seconds: float = 30.0
    connections: int = 256
    request_seconds: float = 30.0
    stalled_seconds: float = 60.0

    @classmethod
    def of(cls, settings: "Settings") -> "Limits":
        """Those that the settings give."""
        return cls(
            seconds=settings.engine_seconds,
            memory_bytes=settings.engine_memory_mb * 1_000_000,
            rows=settings.engine_rows,
            sent_bytes=settings.engine_sent_mb * 1_000_000,
            at_once=settings.engine_queries,
            at_once_a_user=settings.engine_queries_a_user,
            waiting=settings.engine_waiting,
        )

    def settings(self) -> dict[str, int | str]:
        """ClickHouse's settings for them, and for a query that leaves the processors to others."""
        return {
            "max_execution_time": math.ceil(self.seconds),
            "max_memory_usage": self.memory_bytes,
            "max_result_rows": self.rows,
            "result_overflow_mode": "throw",
            "timeout_overflow_mode": "throw",
            "max_temporary_data_on_disk_size_for_query": 4 * self.memory_bytes,
            "max_query_size": 4 * QUERY_BYTES_MAX,  # what is run is written out, and so longer than what was asked
            "max_threads": 1,
            "os_thread_priority": _NICENESS,
            "output_format_parallel_formatting": 0,
        }


class Turns:
    """Who may run a query now: so many at the same time, of one user fewer; others wait, first come first served."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._running: Counter[str] = Counter()
        self._waiting: deque[tuple[str, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def turn(self, user: str) -> AsyncIterator[None]:
        """Waits for this user's turn, which lasts for the block. Refusal, with when to come again, where too many wait
        already, or where it does not come in time.
        """
        await self._take(user)
        try:
            yield
        finally:
            self._running[user] -= 1
            if not self._running[user]:
                del self._running[user]
            self._admit()

    @property
    def running(self) -> int:
        """How many queries run now."""
        return self._running.total()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    def _free(self, user: str) -> bool:
        return self.running < self._limits.at_once and self._running[user] < self._limits.at_once_a_user

    async def _take(self, user: str) -> None:
        if self._free(user):
            self._running[user] += 1
            return
        if len(self._waiting) >= self._limits.waiting:
            raise self._busy(f"{len(self._waiting)} queries wait already")
        place: tuple[str, asyncio.Future[None]] = (user, asyncio.get_running_loop().create_future())
        self._waiting.append(place)
        try:
            async with asyncio.timeout(self._limits.waiting_seconds):
                await place[1]
        except BaseException as ended:
            if place in self._waiting:
                self._waiting.remove(place)
            elif place[1].done() and not place[1].cancelled():  # the turn came at the very moment
                self._running[user] -= 1
                self._admit()
            if isinstance(ended, TimeoutError):
                raise self._busy(f"its turn did not come in {self._limits.waiting_seconds:g} s") from None
            raise

    def _admit(self) -> None:
        """Give the free turns to who waited longest of those who may have one."""
        for place in list(self._waiting):
            user, turn = place
            if not turn.done() and self._free(user):
                self._running[user] += 1
                self._waiting.remove(place)
                turn.set_result(None)

    def _busy(self, why: str) -> Refusal:
        return Refusal(TOO_MANY_QUERIES, f"the engine is busy: {why}; try again", retry_after_s=1)
