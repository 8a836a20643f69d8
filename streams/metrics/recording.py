"""Figures while they are recorded: plain numbers, of which each is written by one thread at a time."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from dompet.streams.metrics.declaration import FAMILIES


@dataclass
class Times:
    """How often something took how long: a histogram of seconds."""

    bounds: tuple[float, ...]
    """The upper bounds of the buckets; one more bucket has none."""
    counts: list[int] = field(default_factory=list)
    sum_s: float = 0.0

    def __post_init__(self) -> None:
        self.counts = self.counts or [0] * (len(self.bounds) + 1)

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.sum_s += seconds

    @property
    def count(self) -> int:
        """How many were counted."""
        return sum(self.counts)

    def cumulative(self) -> Iterator[tuple[str, int]]:
        """By each bound as text, how many took at most so long."""
        total = 0
        for bound, count in zip((*self.bounds, float("inf")), tuple(self.counts), strict=True):
            total += count
            yield ("+Inf" if bound == float("inf") else str(bound)), total


def times_of(name: str) -> Times:
    """An empty histogram of the family of this name."""
    [family] = (one for one in FAMILIES if one.name == name)
    return Times(family.buckets)
