"""Whether a worker is well, and whether it can do its work now."""

import time

from dompet.streams.pipeline.assembly import Pipeline


class Vitals:
    """Whether the worker makes progress: what the health page and the watchdog look at."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._seen = (-1, -1, -1)
        self._since = time.monotonic()
        self.lags: dict[int, int] = {}
        """By assigned partition."""

    @property
    def lag(self) -> int:
        """Of all assigned partitions together."""
        return sum(self.lags.values())

    def look(self) -> None:
        """Take note of progress; a new assignment is one, for it rebuilds state. While the worker waits for a server
        that is away, which has a limit of its own, nothing counts as a stall.
        """
        pipeline = self._pipeline
        if not pipeline.opened:
            return
        self.lags = pipeline.source.lags() if pipeline.source.assigned else {}
        progress = pipeline.projector.progress
        seen = (progress.records, progress.read_again, pipeline.source.generation)
        if seen != self._seen or not self.lag or pipeline.patience.complaint:
            self._seen, self._since = seen, time.monotonic()

    def complaint(self) -> str:
        """Why the worker is not well, as a sentence; empty where it is."""
        if waits := self._pipeline.patience.complaint:
            return waits
        if not self._pipeline.opened or not self._pipeline.source.assigned:
            return "the worker has no partitions: it is starting, or the broker does not answer"
        still = time.monotonic() - self._since
        if still > self._pipeline.settings.stall_seconds:
            return f"{self.lag} records wait in the log and none was stored for {still:.0f} seconds"
        return ""

    @property
    def stalled(self) -> bool:
        """Whether records wait and none was stored for the set time."""
        return self.lag > 0 and time.monotonic() - self._since > self._pipeline.settings.stall_seconds
