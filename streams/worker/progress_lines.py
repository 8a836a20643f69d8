"""A worker's own account of its work: one line at intervals, while there is any."""

import logging
import time
from typing import TYPE_CHECKING, Any, Final

import mode

from dompet.streams.pipeline.progress import Progress
from dompet.streams.process.log_lines import fields
from dompet.streams.terminal.figures import count, per_second, plural
from dompet.streams.worker.services import Part

if TYPE_CHECKING:
    from dompet.streams.worker.vitals import Vitals

log: Final = logging.getLogger("dompet.worker")


def add_progress_lines(app: Any, vitals: "Vitals") -> None:
    """Log what was stored and what waits, every so many seconds as the settings say. A bounded run shows a bar."""
    every_s = app.pipeline.settings.progress_seconds
    if not every_s:
        return

    @app.service
    class ProgressLines(Part):
        """Says nothing where nothing was stored since the last line, and nothing waits or waited in that line."""

        @mode.Service.task
        async def _report(self) -> None:
            before, waited, since = 0, 0, time.monotonic()
            async for _ in self.itertimer(every_s, name="progress"):
                if app.bounded or not app.pipeline.opened:
                    continue
                progress: Progress = app.pipeline.projector.progress
                now = time.monotonic()
                if progress.records != before or vitals.lag or waited:
                    rate = per_second(progress.records - before, now - since)
                    log.info("%s", line(progress, rate, vitals.lag), extra=_fields(progress, rate, vitals.lag))
                before, waited, since = progress.records, vitals.lag, now


def _fields(progress: Progress, rate: int, lag: int) -> dict[str, Any]:
    """The same numbers, for programs."""
    stored = {"records": progress.records, "rejected": progress.rejected, "dead_letters": progress.dead}
    return fields(**stored, per_second=rate, lag=lag)


def line(progress: Progress, rate: int, lag: int) -> str:
    """What was stored since the worker began, how many a second since the last line, and what waits."""
    return (
        f"{plural(progress.records, 'record')} stored, {count(rate)} a second, of them {count(progress.rejected)}"
        f" rejected and {plural(progress.dead, 'dead letter')}; {count(lag)} wait in the log"
    )
