"""The sums that pages are made of, as of a position: those that grow with the log, and those that are read anew."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

import pyarrow as pa

from dompet.streams.answers.cubes import Cube
from dompet.streams.answers.derived import DERIVED, derived_of
from dompet.streams.answers.filters import Filters
from dompet.streams.answers.progress import end_of_today_us
from dompet.streams.answers.question import Question
from dompet.streams.web.core.growing import Growing, Read
from dompet.streams.web.core.position import Position

ReadAt = Callable[[str, Position], Awaitable[pa.Table]]
"""Asks the warehouse, as of a position or later."""
_WANTED_S: Final = 10.0
"""How long after it was asked for last a sum is prepared for the next page."""
_KEPT: Final = 500
"""Answers that are kept for the next one who asks, of the sums that they were added up from."""


class Sums:
    """For one event loop. `grow` asks for what the log gained, `read` for one who waits, `ahead` for the next one."""

    def __init__(self, grow: Read, read: ReadAt, ahead: ReadAt) -> None:
        self._growing = Growing(grow)
        self._read = read
        self._ahead = ahead
        self._wanted: dict[str, tuple[Cube, float]] = {}
        self._typed: dict[str, tuple[pa.Table, pa.Table]] = {}
        self._answers: OrderedDict[tuple[str, Filters, int, int], tuple[pa.Table, pa.Table]] = OrderedDict()

    async def answer(self, question: Question, filters: Filters, position: Position, limit: int) -> pa.Table | None:
        """The first rows of an answer that is added up from a cube, as of the position or later; None where it is not
        such a one, or there are no sums now. It is added up once for all who ask it of the same sums on the same day.
        """
        derived = derived_of(question.name, filters)
        sums = await self._table(derived.cube, position) if derived and position.next_offsets else None
        if derived is None or sums is None:
            return None
        key = (question.name, filters, limit, end_of_today_us())
        known = self._answers.pop(key, None)
        if known is None or known[0] is not sums:
            known = (sums, question.first(derived.rows(sums, filters), limit))
        self._answers[key] = known
        if len(self._answers) > _KEPT:
            self._answers.popitem(last=False)
        return known[1]

    async def _table(self, cube: Cube, position: Position) -> pa.Table | None:
        """A cube's sums, as the warehouse was at the position or later; None where they would take too much memory, and
        while they are added up for the first time, and that takes longer than somebody who asks should wait.
        """
        if 0 < cube.rows_most < position.records:
            return None
        self._wanted[cube.name] = (cube, time.monotonic())
        if cube.grows:
            return await self._growing.soon(cube, position)
        found = await self._read(cube.sql(""), position)
        if cube.name not in self._typed or self._typed[cube.name][0] is not found:
            self._typed[cube.name] = (found, cube.typed(found))
        return self._typed[cube.name][1]

    async def prepare(self, position: Position) -> None:
        """Have those that pages asked for of late."""
        since = time.monotonic() - _WANTED_S
        cubes = [cube for cube, asked_s in self._wanted.values() if asked_s > since]
        ready = (one for one in cubes if not one.grows or self._growing.built(one, position))
        await asyncio.gather(*(self._at(cube, position) for cube in ready))

    async def warm(self, position: Position) -> None:
        """Have all of them, two at a time."""
        cubes = {one.cube.name: one.cube for one in DERIVED.values() if not 0 < one.cube.rows_most < position.records}
        waiting = iter(cubes.values())

        async def build() -> None:
            for cube in waiting:
                await self._at(cube, position)

        await asyncio.gather(build(), build())

    async def _at(self, cube: Cube, position: Position) -> None:
        if cube.grows:
            await self._growing.table(cube, position)
        else:
            await self._ahead(cube.sql(""), position)
