"""Patience with faults that heal: what failed is done again, as it was, until it succeeds.

The first repeat comes at once, the next ever later, with jitter, so that many workers do not come back in step. One
line of the log reports the first failure, one of each minute that it lasts, and one that it is over.
"""

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from dompet.schemas.errors import DompetError
from dompet.streams.process.log_lines import fields

log = logging.getLogger("dompet.outages")

FIRST_DELAY_S: Final = 0.2
LAST_DELAY_S: Final = 10.0
_SAY_EVERY_S: Final = 60.0
_R = TypeVar("_R")


class Unavailable(DompetError):
    """A server is away, or does not take this now: the same request may succeed later, as it is."""


class OutageTooLong(DompetError):
    """A fault that should have healed did not, for as long as the settings allow."""


class Stopping(Exception):
    """No error: the worker ends, so nobody waits any longer; what was not done is done by the next worker."""


def delay_s(failures: int) -> float:
    """Seconds from the n-th failure in a row to the next try: doubled each time, up to a limit, and then jittered."""
    delay: float = min(LAST_DELAY_S, FIRST_DELAY_S * 2 ** min(failures - 1, 16))
    return delay * random.uniform(0.5, 1.0)


class Outage:
    """One thing that fails again and again until it is over. For one thread."""

    def __init__(self, patience: "Patience") -> None:
        self._patience = patience
        self._failures = 0
        self._began = self._reported = 0.0
        self.reason = ""

    def failed(self, fault: Unavailable) -> float:
        """Take note of a failure; the seconds to wait before the next try. Raises OutageTooLong."""
        now = time.monotonic()
        self._failures += 1
        self.reason = str(fault)
        if self._failures == 1:
            self._began = self._reported = now
            self._patience.opened(self)
            log.warning("%s; it is tried again until it succeeds", fault)
        elif now - self._reported >= _SAY_EVERY_S:
            self._reported = now
            log.warning("for %.0f s and %d tries: %s", now - self._began, self._failures, fault)
        if 0 < self._patience.limit_s <= now - self._began:
            raise OutageTooLong(f"{fault} (tried for {now - self._began:.0f} s: --outage-seconds)")
        return delay_s(self._failures)

    def over(self) -> None:
        """Take note that it succeeded, or that nobody waits for it any longer."""
        self._patience.closed(self)
        if self._failures:
            seconds = time.monotonic() - self._began
            numbers = fields(seconds=round(seconds, 3), tries=self._failures)
            log.info("over after %.1f s and %d tries: %s", seconds, self._failures, self.reason, extra=numbers)
        self._failures = 0


class Patience:
    """What a worker waits for, in all of its threads. `limit_s`: for how long at most, 0 for ever."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.outages = 0
        """How many began."""
        self._outages: list[Outage] = []
        self._turn = threading.Lock()
        self._stopping = threading.Event()

    def through(self, call: Callable[..., _R], *args: Any) -> _R:
        """The call's result, whatever number of tries it takes. Raises OutageTooLong, Stopping, and what the call
        raises that is not Unavailable.
        """
        outage = Outage(self)
        try:
            while True:
                try:
                    result = call(*args)
                except Unavailable as fault:
                    self.wait(outage.failed(fault))
                else:
                    outage.over()
                    return result
        finally:
            self.closed(outage)

    def wait(self, seconds: float) -> None:
        """Let time pass; raises Stopping where the worker ends before or meanwhile."""
        if self._stopping.wait(seconds):
            raise Stopping

    def stop(self) -> None:
        """Nobody waits any longer."""
        self._stopping.set()

    @property
    def complaint(self) -> str:
        """What is waited for, as a sentence; empty where nothing is."""
        with self._turn:
            return self._outages[0].reason if self._outages else ""

    @property
    def open_outages(self) -> int:
        """How many last now."""
        return len(self._outages)

    def opened(self, outage: Outage) -> None:
        """An outage began."""
        with self._turn:
            self.outages += 1
            self._outages.append(outage)

    def closed(self, outage: Outage) -> None:
        """An outage is over, or given up; nothing where it had not begun."""
        with self._turn:
            if outage in self._outages:
                self._outages.remove(outage)
