"""Quotas: how many events a second a publisher may send through this gateway."""

import math
from typing import Final

from dompet.streams.gateway.problems import Problem

BURST_S: Final = 2
"""Who sent nothing for so long may send so many seconds' events at once."""


class Quotas:
    """What each publisher may still send. A request that begins within the quota is taken whole; the next ones wait for
    what it took too much.
    """

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}
        """By publisher_id: how many events it may send at a moment, and that moment."""

    def check(self, publisher_id: str, quota: int, now_s: float) -> None:
        """Problem 429 where its quota is used up."""
        if (left := self._level(publisher_id, quota, now_s)) <= 0:
            wait_s = max(1, math.ceil((1 - left) / quota))
            raise Problem(
                429,
                f"the quota of {quota} events a second is used up; try again in {wait_s} s",
                refused="quota",
                retry_s=wait_s,
            )

    def take(self, publisher_id: str, quota: int, events: int, now_s: float) -> None:
        """Count so many events."""
        self._left[publisher_id] = (self._level(publisher_id, quota, now_s) - events, now_s)

    def _level(self, publisher_id: str, quota: int, now_s: float) -> float:
        most = float(BURST_S * quota)
        left, at_s = self._left.get(publisher_id, (most, now_s))
        return min(most, left + (now_s - at_s) * quota)
