"""The position as of which pages speak: one of which the sums that pages are made of are known already, so that no page
waits for them. While somebody asks, the next one is looked at and prepared beside the pages.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from dompet.schemas.errors import DompetError
from dompet.streams.web.core.position import Position

FRESH_S: Final = 2.0
"""How old a position may be of which a page speaks without waiting for a newer one."""
_AGAIN_S: Final = 1.0
"""How old one is when the next one is begun: it has as long to be prepared."""
_PATIENCE_S: Final = 0.1
_OLDEST_S: Final = 5.0
"""Where preparing takes longer than it should, a page waits a tenth of a second for it, then speaks as of a position
that is no older than this.
"""


class Prepared:
    """`look` says where the warehouse is; `prepare` returns once the sums of that position are known. For one loop."""

    def __init__(self, look: Callable[[], Awaitable[Position]], prepare: Callable[[Position], Awaitable[None]]) -> None:
        self._look = look
        self._prepare = prepare
        self._newest: Position | None = None
        self._next: asyncio.Task[Position] | None = None

    async def position(self) -> Position:
        """The newest that is prepared; the first one is not. Raises what looking does, where that is due."""
        if self._newest is None:
            return await self._first()
        age_s = time.monotonic() - self._newest.looked_s
        if age_s > _AGAIN_S and (self._next is None or self._next.done()):
            self._next = _begun(self._go_on())
        newest, following = self._newest, self._next
        if age_s <= FRESH_S or following is None:
            return newest
        await asyncio.wait([following], timeout=_PATIENCE_S if age_s <= _OLDEST_S else None)
        return following.result() if following.done() else newest

    def forget(self) -> None:
        """What is known is no longer the newest: look before the next answer."""
        self._newest = self._next = None

    async def _first(self) -> Position:
        if self._next is None or self._next.done():
            self._next = _begun(self._go_on())
        return await asyncio.shield(self._next)

    async def _go_on(self) -> Position:
        position, before = await self._look(), self._newest
        if before is not None and position.stamp != before.stamp:
            with suppress(DompetError):  # a page that needs the sums asks for them, and finds the same fault
                await self._prepare(position)
        if self._next is asyncio.current_task():  # else all was forgotten meanwhile
            self._newest = position
        return position


def _begun(looking: Coroutine[Any, Any, Position]) -> asyncio.Task[Position]:
    task = asyncio.create_task(looking)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # it may be that nobody waits for it
    return task
