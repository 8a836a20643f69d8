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
_REST_OF_SLOW: Final = 4
"""A slow one rests so many times as long as all slow ones took that are asked again and again: together they take a
fifth of a processor.
"""
_OF_LATE_S: Final = 600.0
"""A slow question that was not asked for so long takes no part of that."""
_SLOW_MOST_S: Final = 60.0
"""However long they take, none rests for more than four minutes, and no answer is shown that is older than six."""
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

    @property
    def is_slow(self) -> bool:
        """Whether the question takes so long that no answer to it is young."""
        return self.took_s > _OLDEST_S


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
        self._slow: dict[str, Answer] = {}
        self._bytes = 0

    def get(self, sql: str) -> Answer | None:
        """The newest answer, if it is still known."""
        found = self._answers.get(sql)
        if found is not None:
            self._answers.move_to_end(sql)
        return found

    def put(self, sql: str, answer: Answer) -> None:
        """Keep it, and forget those that were longest not asked for."""
        if again := sql in self._answers:
            self._forget(sql)
        self._bytes += answer.table.nbytes
        self._answers[sql] = answer
        if again and answer.is_slow:
            self._slow[sql] = answer
        while self._bytes > _BYTES_MOST:
            self._forget(next(iter(self._answers)))

    def shown(self, answer: Answer, position: Position) -> bool:
        """Whether it may be shown, with its own position: it is young enough, and another one would take long. Where no
        answer can be young, it is shown until the next one is there: it rests, and is asked for once more.
        """
        oldest_s = self._slow_s(answer) * (_REST_OF_SLOW + 2) if answer.is_slow else _OLDEST_S
        return answer.took_s > _LONG_S and position.looked_s - answer.position.looked_s <= oldest_s

    def rested(self, answer: Answer) -> bool:
        """Whether the question may be asked again."""
        rest_s = _REST_OF_SLOW * self._slow_s(answer) if answer.is_slow else _REST * answer.took_s
        return time.monotonic() - answer.done_s >= rest_s

    def _slow_s(self, answer: Answer) -> float:
        """How long this question takes, and the other slow ones that were asked again of late, together."""
        since_s = time.monotonic() - _OF_LATE_S
        others = (one.took_s for one in self._slow.values() if one is not answer and one.done_s > since_s)
        return min(answer.took_s + sum(others), _SLOW_MOST_S)

    def _forget(self, sql: str) -> None:
        self._bytes -= self._answers.pop(sql).table.nbytes
        self._slow.pop(sql, None)
