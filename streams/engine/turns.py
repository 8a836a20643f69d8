"""Whose query runs now: so many at the same time, of one user fewer, first come first served.

How long a query takes is not known before it has run. So each begins as a short one, and only half of all places, and
of each user's, are for those that turn out to be long: who asks for one wallet never waits behind sums over all years.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from dompet.streams.engine.limits import Limits
from dompet.streams.engine.refusals import TOO_MANY_QUERIES, Refusal


class Turns:
    """The places of one engine. For its event loop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._running: Counter[str] = Counter()
        self._long: Counter[str] = Counter()
        self._waiting: deque[_Waiting] = deque()

    @asynccontextmanager
    async def turn(self, user: str) -> AsyncIterator["Turn"]:
        """Waits for this user's turn, which lasts for the block. Refusal, with when to come again, where too many wait
        already, or where it does not come in time.
        """
        turn = Turn(self, user)
        await self.take(turn)
        try:
            yield turn
        finally:
            if turn.is_held:
                self.give_back(turn)

    @property
    def running(self) -> int:
        """How many queries run now."""
        return self._running.total()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    async def take(self, turn: "Turn") -> None:
        """Wait for a place. Raises as `turn`."""
        if self._is_free(turn):
            self._give(turn)
            return
        if len(self._waiting) >= self._limits.waiting:
            raise self._busy(f"{len(self._waiting)} queries wait already")
        place = _Waiting(turn, asyncio.get_running_loop().create_future())
        self._waiting.append(place)
        try:
            async with asyncio.timeout(self._limits.waiting_seconds):
                await place.came
        except BaseException as ended:
            if place in self._waiting:
                self._waiting.remove(place)
            elif turn.is_held:  # it came at the very moment
                self.give_back(turn)
            if isinstance(ended, TimeoutError):
                raise self._busy(f"its turn did not come in {self._limits.waiting_seconds:g} s") from None
            raise

    def give_back(self, turn: "Turn") -> None:
        """Let another one have the place."""
        turn.is_held = False
        _take_one(self._running, turn.user)
        if turn.is_long:
            _take_one(self._long, turn.user)
        for place in list(self._waiting):
            if not place.came.done() and self._is_free(place.turn):
                self._give(place.turn)
                self._waiting.remove(place)
                place.came.set_result(None)

    def lengthen(self, turn: "Turn") -> None:
        """From now on it has one of the places for long queries, though there be none."""
        turn.is_long = True
        self._long[turn.user] += 1

    def has_long(self, user: str) -> bool:
        """Whether a place for a long query is free for this user."""
        limits = self._limits
        return self._long.total() < _half(limits.at_once) and self._long[user] < _half(limits.at_once_a_user)

    def _is_free(self, turn: "Turn") -> bool:
        if self.running >= self._limits.at_once or self._running[turn.user] >= self._limits.at_once_a_user:
            return False
        return not turn.is_long or self.has_long(turn.user)

    def _give(self, turn: "Turn") -> None:
        turn.is_held = True
        self._running[turn.user] += 1
        if turn.is_long:
            self._long[turn.user] += 1

    def _busy(self, why: str) -> Refusal:
        return Refusal(TOO_MANY_QUERIES, f"the engine is busy: {why}; try again", retry_after_s=1)


class Turn:
    """One query's place."""

    def __init__(self, turns: Turns, user: str) -> None:
        self._turns: Final = turns
        self.user: Final = user
        self.is_held = False
        self.is_long = False

    def lengthen(self) -> bool:
        """Have a place for long queries from now on; False where none is free."""
        if self._turns.has_long(self.user):
            self._turns.lengthen(self)
        return self.is_long

    def overstay(self) -> None:
        """It goes on though it is long, and no place for that may be free: the next ones wait for it."""
        if self.is_held and not self.is_long:
            self._turns.lengthen(self)

    async def come_again(self) -> None:
        """Give the place back, and wait for one for long queries. Raises as `Turns.turn`."""
        self._turns.give_back(self)
        self.is_long = True
        await self._turns.take(self)


@dataclass(frozen=True, eq=False)
class _Waiting:
    turn: Turn
    came: asyncio.Future[None]


def _half(number: int) -> int:
    return (number + 1) // 2


def _take_one(count: Counter[str], user: str) -> None:
    count[user] -= 1
    if not count[user]:
        del count[user]
