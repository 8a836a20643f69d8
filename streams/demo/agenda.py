"""What is published when: reports wait here until none can come before them."""

from collections import defaultdict
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, Final

Fields = dict[str, Any]
"""An event's fields by name; times are microseconds since 1970-01-01 UTC."""

_SPAN_BITS: Final = 32
"""Reports are sorted by spans of 2^32 microseconds, some 72 minutes: many short lists sort faster than a long one."""

_EVENT: Final = itemgetter(2, 3)


class Agenda:
    """Reports in the order of their publication; of two at one moment, the one that was put here first."""

    def __init__(self) -> None:
        self._spans: defaultdict[int, list[tuple[int, int, str, Fields]]] = defaultdict(list)
        self._complete = 0
        self.published = 0
        """How many reports were put here so far."""

    def publish(self, at_us: int, type_name: str, fields: Fields) -> None:
        """Publish an event at a moment (microseconds since 1970-01-01 UTC) that is not given out yet."""
        self.published = number = self.published + 1
        self._spans[at_us >> _SPAN_BITS].append((at_us, number, type_name, fields))

    def before(self, at_us: int) -> Iterator[tuple[str, Fields]]:
        """What is published before the span of a moment, as types and fields; each event comes once."""
        span = at_us >> _SPAN_BITS
        if span > self._complete:
            self._complete = span
            for complete in sorted(one for one in self._spans if one < span):
                yield from map(_EVENT, sorted(self._spans.pop(complete)))

    def rest(self) -> Iterator[tuple[str, Fields]]:
        """All that is left."""
        for span in sorted(self._spans):
            yield from map(_EVENT, sorted(self._spans.pop(span)))
