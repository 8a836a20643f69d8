"""Whose turn it is to ask the warehouse: many readers side by side, none of whom holds more than a share."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from dompet.schemas.errors import DompetError

READER: Final[ContextVar[str]] = ContextVar("reader", default="")
"""Names who asks, in everything that is done for their request."""
AT_ONCE: Final = 2
"""Questions of one reader that run at a time, of the four that run at all."""
_WAITING_MOST: Final = 40
"""Of one reader: three of the largest pages."""


class TooMany(DompetError):
    """One reader asks more at a time than is answered."""


@dataclass
class _Reader:
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    asking: int = 0


class Shares:
    """The readers that ask now."""

    def __init__(self) -> None:
        self._readers: dict[str, _Reader] = {}

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold one of the places of whoever asks; TooMany where too many of theirs wait already."""
        name = READER.get()
        reader = self._readers.setdefault(name, _Reader())
        if reader.asking >= AT_ONCE + _WAITING_MOST:
            raise TooMany("you ask more at a time than is answered: wait for what was asked before")
        reader.asking += 1
        try:
            async with reader.turns:
                yield
        finally:
            reader.asking -= 1
            if not reader.asking:
                del self._readers[name]
