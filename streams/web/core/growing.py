"""Sums over the log's records that grow with it: what came since the last look is added to what was known.

So an answer over ten million records takes no longer than the records of the last two seconds do. It is built in steps,
of which none asks for many records at once; and where the journal was replaced, or a checkpoint withdrawn, it is built
from the start.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from dompet.streams.answers.cubes import Cube
from dompet.streams.web.core.position import Position

Read = Callable[[str], Awaitable[pa.Table]]
"""Asks the warehouse."""
_FIRST_S: Final = 1.0
_FIRST_SQL: Final = (
    "SELECT toInt64(partition) AS partition, toInt64(min(offset)) AS first FROM journal_rows GROUP BY partition"
)


@dataclass(frozen=True)
class _Known:
    """A cube's sums over all records of a journal below these offsets; `of` says of which journal and catalogue."""

    of: str
    upto: Mapping[int, int] = field(default_factory=dict)
    table: pa.Table | None = None

    def begins(self, of: str, position: Position) -> bool:
        """Whether the position is at least as far, in the same journal."""
        below = position.next_offsets
        same = self.table is not None and self.of == of
        return same and all(below.get(at, 0) >= to for at, to in self.upto.items())

    def reaches(self, of: str, position: Position) -> bool:
        """Whether nothing that is known at the position is missing here."""
        upto = self.upto
        same = self.table is not None and self.of == of
        return same and all(upto.get(at, 0) >= to for at, to in position.next_offsets.items())


class Growing:
    """The sums of one process, used from its event loop alone."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._known: dict[str, _Known] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._built: set[str] = set()

    async def table(self, cube: Cube, position: Position) -> pa.Table:
        """The cube's sums, as the warehouse was at the position or later. Raises what the warehouse's client does."""
        of = _of(cube, position)
        while True:
            known = self._known.get(cube.name)
            if known is not None and known.table is not None and known.reaches(of, position):
                return known.table
            task = self._tasks.get(cube.name)
            if task is None or task.done():
                task = self._tasks[cube.name] = asyncio.create_task(self._grow(cube, position))
                task.add_done_callback(_retrieved)
            await asyncio.shield(task)

    async def soon(self, cube: Cube, position: Position) -> pa.Table | None:
        """The same; None where they are built for the first time, and are not there within a second."""
        table = asyncio.ensure_future(self.table(cube, position))
        try:
            await asyncio.wait([table], timeout=None if self.built(cube, position) else _FIRST_S)
            return table.result() if table.done() else None
        finally:
            table.cancel()

    def built(self, cube: Cube, position: Position) -> bool:
        """Whether they were built to their end, and go on to the position."""
        known = self._known.get(cube.name)
        return known is not None and cube.name in self._built and known.begins(_of(cube, position), position)

    async def _grow(self, cube: Cube, position: Position) -> None:
        """Go on to the position. What was added stays, though a later step fails."""
        known, of = self._known.get(cube.name), _of(cube, position)
        if known is None or not known.begins(of, position):
            first = await self._read(_FIRST_SQL)
            known = _Known(of, {row["partition"]: row["first"] for row in first.to_pylist()})
            self._built.discard(cube.name)
        while not known.reaches(of, position):
            upto = _step(known.upto, position.next_offsets, cube.step)
            found = cube.typed(await self._read(cube.sql(_between(known.upto, upto))))
            table = await asyncio.to_thread(cube.added, known.table, found)
            known = self._known[cube.name] = _Known(of, upto, table)
        self._built.add(cube.name)


def _retrieved(done: asyncio.Task[None]) -> None:
    """It may be that nobody waits for it any more: the next one who asks goes on, and finds the same fault."""
    if not done.cancelled():
        done.exception()


def _of(cube: Cube, position: Position) -> str:
    """Equal while what was added up goes on to hold."""
    return f"{position.journal} {position.catalogue}" if cube.of_catalogue else position.journal


def _step(since: Mapping[int, int], to: Mapping[int, int], most: int) -> dict[int, int]:
    """How far a step goes: of each partition the same share of what is missing."""
    missing = {at: max(end - since.get(at, 0), 0) for at, end in to.items()}
    share = min(most / max(sum(missing.values()), 1), 1.0)
    return {at: min(since.get(at, 0) + int(number * share) + 1, to[at]) for at, number in missing.items()}


def _between(since: Mapping[int, int], upto: Mapping[int, int]) -> str:
    """The records from these offsets on, up to those."""
    parts = [
        f"(partition = {at} AND offset >= {since.get(at, 0)} AND offset < {end})"
        for at, end in sorted(upto.items())
        if end > since.get(at, 0)
    ]
    return " OR ".join(parts) or "0"
