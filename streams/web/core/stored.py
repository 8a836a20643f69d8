"""Answers of a moment ago: each with as of which position it speaks, and how long it took; and those to come."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from dompet.streams.web.core.position import Position

_BYTES_MOST: Final = 48 << 20
_REST: Final = 9
"""A question rests so many times as long as it took: so asking it again and again takes a tenth of a processor."""
_OLDEST_S: Final = 2.0
"""An answer that is older is shown to nobody, unless its question takes longer than that itself."""
_LONG_S: Final = 0.2
"""A question that took no longer is asked again while the reader waits."""


@dataclass(frozen=True)
class Answer:
    """An answer as the warehouse was at the position, or later."""

    table: pa.Table
    position: Position
    took_s: float = 0.0
    done_s: float = field(default_factory=time.monotonic)

    def holds(self, position: Position) -> bool:
        """Whether it is as of this position, or a later one."""
        return self.position.stamp == position.stamp or self.position.looked_s > position.looked_s

    def shown(self, position: Position) -> bool:
        """Whether it may be shown, with its own position: it is young enough, and another one would take long. Where no
        answer can be young, it is shown until the next one is there: it rests, and is asked for once more.
        """
        oldest_s = (_REST + 2) * self.took_s if self.is_slow else _OLDEST_S
        return self.took_s > _LONG_S and position.looked_s - self.position.looked_s <= oldest_s

    @property
    def is_slow(self) -> bool:
        """Whether the question takes so long that no answer to it is young."""
        return self.took_s > _OLDEST_S

    @property
    def rested(self) -> bool:
        """Whether the question may be asked again."""
        return time.monotonic() - self.done_s >= _REST * self.took_s


@dataclass
class Running:
    """A question that runs, and how many wait for it."""

    key: tuple[str, str]
    """The stamp of the position that it is asked at, and its text."""
    task: asyncio.Future[Answer]
    waiting: int = 0
    began_s: float = field(default_factory=time.monotonic)

    def is_enough(self, older: Answer | None) -> bool:
        """Whether another one need not be asked for a newer position: it runs for long, or will."""
        return time.monotonic() - self.began_s > _OLDEST_S or (older is not None and older.is_slow)


class Stored:
    """The newest answer to each of the queries that were asked last, within a bound of memory."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._bytes = 0

    def get(self, sql: str) -> Answer | None:
        """The newest answer, if it is still known."""
        found = self._answers.get(sql)
        if found is not None:
            self._answers.move_to_end(sql)
        return found

    def put(self, sql: str, answer: Answer) -> None:
        """Keep it, and forget those that were longest not asked for."""
        before = self._answers.pop(sql, None)
        self._bytes += answer.table.nbytes - (before.table.nbytes if before else 0)
        self._answers[sql] = answer
        while self._bytes > _BYTES_MOST:
            self._bytes -= self._answers.popitem(last=False)[1].table.nbytes
