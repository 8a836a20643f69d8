"""What is published when: reports wait here until none can come before them."""

from collections.abc import Iterator
from heapq import heappop, heappush
from operator import itemgetter
from typing import Any, Final

Fields = dict[str, Any]
"""An event's fields by name; times are microseconds since 1970-01-01 UTC."""

_SPAN_BITS: Final = 32
"""Reports wait by spans of 2^32 microseconds, some 72 minutes: many short lists sort faster than a long one."""

_EVENT: Final = itemgetter(2, 3)


class Agenda:
    """Reports in the order of their publication; of two at one moment, the one that was put here first."""

    def __init__(self) -> None:
        self._spans: dict[int, list[tuple[int, int, str, Fields]]] = {}
        self._next_spans: list[int] = []
        self.published = 0
        """How many reports were put here so far."""

    def publish(self, at_us: int, type_name: str, fields: Fields) -> None:
        """Publish an event at a moment (microseconds since 1970-01-01 UTC) that is not given out yet."""
        self.published = number = self.published + 1
        span = at_us >> _SPAN_BITS
        if span not in self._spans:
            self._spans[span] = []
            heappush(self._next_spans, span)
        self._spans[span].append((at_us, number, type_name, fields))

    def before(self, at_us: int) -> Iterator[tuple[str, Fields]]:
        """What is published before the span of a moment, as types and fields; each event comes once."""
        while self._next_spans and self._next_spans[0] < at_us >> _SPAN_BITS:
            yield from self._take()

    def rest(self) -> Iterator[tuple[str, Fields]]:
        """All that is left."""
        while self._next_spans:
            yield from self._take()

    def _take(self) -> Iterator[tuple[str, Fields]]:
        return map(_EVENT, sorted(self._spans.pop(heappop(self._next_spans))))
