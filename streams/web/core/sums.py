"""The sums that pages are made of, as of a position: those that grow with the log, and those that are read anew."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import pyarrow as pa

from dompet.streams.answers.cubes import Cube
from dompet.streams.answers.derived import DERIVED
from dompet.streams.web.core.growing import Growing, Read
from dompet.streams.web.core.position import Position

ReadAt = Callable[[str, Position], Awaitable[pa.Table]]
"""Asks the warehouse, as of a position or later."""
_WANTED_S: Final = 10.0
"""How long after it was asked for last a sum is prepared for the next page."""


class Sums:
    """For one event loop. `grow` asks for what the log gained, `read` for one who waits, `ahead` for the next one."""

    def __init__(self, grow: Read, read: ReadAt, ahead: ReadAt) -> None:
        self._growing = Growing(grow)
        self._read = read
        self._ahead = ahead
        self._wanted: dict[str, tuple[Cube, float]] = {}

    async def table(self, cube: Cube, position: Position) -> pa.Table | None:
        """A cube's sums, as the warehouse was at the position or later; None where they would take too much memory, and
        while they are added up for the first time, and that takes longer than somebody who asks should wait.
        """
        if 0 < cube.rows_most < position.records:
            return None
        self._wanted[cube.name] = (cube, time.monotonic())
        if cube.grows:
            return await self._growing.soon(cube, position)
        return cube.typed(await self._read(cube.sql(""), position))

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
