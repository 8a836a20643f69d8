"""What was handed over to be delivered, numbered in that order, and what became of it."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from confluent_kafka import KafkaError

from dompet.schemas.errors import DompetError
from dompet.schemas.varints import Longs
from dompet.streams.kafka.batches import Report

_RANGES_SHOWN: Final = 3


class DeliveryError(DompetError):
    """Why one event was not delivered."""


class DeliveryFailed(DompetError):
    """Events were not delivered, or not within the time given; `failed` says how many.

    Others published after them may have been delivered all the same. Each may be published again: what the log holds
    already counts as a duplicate. Where they came from tables or files, `rows` has their rows or lines by its name.
    """

    def __init__(self, failed: int, sentence: str, rows: Mapping[str, tuple[int, ...]] | None = None) -> None:
        super().__init__(sentence)
        self.failed = failed
        self.rows = rows or {}


@dataclass(frozen=True)
class Origin:
    """Where events come from: its name, what is counted there (`row`, `line`), and the number of each event's."""

    name: str
    unit: str
    places: Longs


@dataclass
class _Part:
    first: int
    count: int
    left: int
    origin: Origin | None
    """None: events that were published one by one."""


class Deliveries:
    """Counts what is acknowledged, and knows what failed. Memory is bounded by what is not reported yet.

    Without `single_failures`, what was published one by one and failed is for another to report.
    """

    def __init__(self, *, single_failures: bool = True) -> None:
        self._single_failures = single_failures
        self._parts: deque[_Part] = deque()
        self._failed: list[tuple[_Part, Report]] = []
        self._first_failed: int | None = None
        self.next_number = 0

    @property
    def acknowledged(self) -> int:
        """All events before this number have been delivered."""
        reported = self._parts[0].first if self._parts else self.next_number
        return reported if self._first_failed is None else min(reported, self._first_failed)

    def hand_over(self, count: int, origin: Origin | None = None) -> None:
        """So many events are on their way, numbered from `next_number` on."""
        last = self._parts[-1] if self._parts else None
        if last and last.origin is origin is None:
            last.count += count
            last.left += count
        else:
            self._parts.append(_Part(self.next_number, count, count, origin))
        self.next_number += count

    def take(self, report: Report) -> None:
        """Take note of what became of some."""
        firsts = np.array([part.first for part in self._parts], dtype=np.int64)
        which = np.searchsorted(firsts, report.numbers, side="right") - 1
        for place, count in enumerate(np.bincount(which, minlength=len(firsts)).tolist()):
            self._parts[place].left -= count
        bad = report.errors != 0
        if bad.any():
            first = int(report.numbers[bad].min())
            self._first_failed = first if self._first_failed is None else min(self._first_failed, first)
        for place in set(which[bad].tolist()):
            if self._parts[place].origin or self._single_failures:
                mine = bad & (which == place)
                self._failed.append((self._parts[place], Report(report.numbers[mine], report.errors[mine])))
        while self._parts and not self._parts[0].left:
            self._parts.popleft()

    def give_up(self, origin: Origin) -> None:
        """These events are not handed over at all, because of what failed before."""
        if count := len(origin.places):
            numbers = np.arange(self.next_number, self.next_number + count)
            self.hand_over(count, origin)
            self.take(Report(numbers, np.full(count, KafkaError._PURGE_QUEUE)))

    @property
    def failing(self) -> bool:
        """Whether anything failed that was not raised yet."""
        return bool(self._failed)

    def failure(self, topic: str) -> DeliveryFailed:
        """All that failed since the last time, as one error to raise."""
        failed, self._failed = self._failed, []
        count = sum(len(report.numbers) for _, report in failed)
        why = KafkaError(int(failed[0][1].errors[0])).str()
        rows: dict[str, set[int]] = {}
        units: dict[str, str] = {}
        for part, report in failed:
            if (origin := part.origin) is not None:
                places = origin.places[report.numbers - part.first]
                rows.setdefault(origin.name, set()).update(places.tolist())
                units[origin.name] = origin.unit
        named = "; ".join(f"{_places(units[name], found)} of {name}" for name, found in rows.items())
        where = f"{topic} ({named})" if named else topic
        sentence = f"{_events(count)} not delivered to {where}, the first because: {why}"
        return DeliveryFailed(count, sentence, {name: tuple(sorted(found)) for name, found in rows.items()})


def not_acknowledged(waiting: int, timeout_s: float | None) -> DeliveryFailed:
    """The error where time is up."""
    return DeliveryFailed(waiting, f"{_events(waiting)} not acknowledged within {timeout_s:g} s")


def _events(count: int) -> str:
    return "1 event is" if count == 1 else f"{count} events are"


def _places(unit: str, places: Iterable[int]) -> str:
    """`row 3`, or `rows 3 to 5 and 9`."""
    numbers = np.array(sorted(places), dtype=np.int64)
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs[:_RANGES_SHOWN]]
    if len(runs) > _RANGES_SHOWN:
        shown.append(f"{sum(map(len, runs[_RANGES_SHOWN:]))} more")
    listed = " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    return f"{unit if len(numbers) == 1 else unit + 's'} {listed}"
