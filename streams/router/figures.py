"""What a router counts for Prometheus, and says at /health."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from dompet.schemas.decode import Decoded
from dompet.streams.router.offsets import Part

if TYPE_CHECKING:
    from dompet.streams.metrics.exposition import Reading


class Figures:
    """Written by the router's thread, read by any."""

    def __init__(self) -> None:
        self._routed: Counter[tuple[str]] = Counter()
        self._refused: Counter[tuple[str, str]] = Counter()
        self._lags: Mapping[tuple[str], float] = {}
        self._takeovers = self._found = 0

    def count(self, publisher: str, routed: int, refused: Decoded) -> None:
        """What a round held of a publisher's inbox."""
        self._routed[(publisher,)] += routed
        for fault in refused.dead.values():
            self._refused[publisher, type(fault).__name__] += 1

    def taken_over(self, found: int) -> None:
        """Partitions were assigned; so many of their records were on the log already."""
        self._takeovers += 1
        self._found += found

    def show(self, lags: Mapping[Part, int]) -> None:
        """How many records of each partition are not routed."""
        sums: Counter[tuple[str]] = Counter()
        for (inbox, _), lag in lags.items():
            sums[(inbox.publisher,)] += max(lag, 0)
        self._lags = dict(sums)

    @property
    def lag(self) -> int:
        """Of all inboxes that this router has."""
        return int(sum(self._lags.values()))

    @property
    def routed(self) -> int:
        """Records put on the log."""
        return sum(dict(self._routed).values())

    @property
    def refused(self) -> int:
        """Records sent to the inboxes' dead letters."""
        return sum(dict(self._refused).values())

    def readers(self, outages: Callable[[], int]) -> Mapping[str, "Callable[[], Reading]"]:
        """By a family's name, what reads it."""
        return {
            "dompet_router_lag_records": lambda: dict(self._lags),
            "dompet_router_records_total": lambda: dict(self._routed),
            "dompet_router_refused_total": lambda: dict(self._refused),
            "dompet_router_assignments_total": lambda: self._takeovers,
            "dompet_router_found_records_total": lambda: self._found,
            "dompet_router_outages_open": outages,
        }
