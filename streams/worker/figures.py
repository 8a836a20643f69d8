"""A worker's figures for Prometheus: what its parts count anyway, read when they are asked for."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, TypeVar

import mode

from dompet.projections.vocabulary import Outcome, Verdict
from dompet.schemas.errors import DompetError
from dompet.streams.metrics.declaration import Part as Of
from dompet.streams.metrics.listening import figures_at
from dompet.streams.pipeline.assembly import Pipeline
from dompet.streams.pipeline.progress import Progress
from dompet.streams.proof.verified import Verified, last_verified
from dompet.streams.worker.services import Part, in_thread

if TYPE_CHECKING:
    from dompet.streams.metrics.exposition import Reading
    from dompet.streams.worker.vitals import Vitals

_VERIFIED_EVERY_S: Final = 30.0
_OPENED_S: Final = 0.2
_R = TypeVar("_R")


class Figures:
    """What a worker reports to Prometheus. Until the pipeline is open most of it is nothing."""

    def __init__(self, pipeline: Pipeline, vitals: "Vitals") -> None:
        self._pipeline = pipeline
        self._vitals = vitals
        self.verified: Verified | None = None

    def look(self) -> None:
        """Take note of the last verification."""
        try:
            self.verified = last_verified(self._pipeline.warehouse.read, self._pipeline.settings.log_topic)
        except DompetError:  # the warehouse is away: what is known stays
            return

    def readers(self) -> dict[str, Callable[[], "Reading"]]:
        """By a family's name, what reads it."""
        pipeline, vitals = self._pipeline, self._vitals

        def verified(read: Callable[[Verified], float]) -> Callable[[], float | None]:
            return lambda: read(self.verified) if self.verified else None

        return {
            "dompet_lag_records": lambda: _labelled(vitals.lags),
            "dompet_records_total": self._of(lambda done: _labelled(done.outcomes())),
            "dompet_batches_total": self._of(lambda done: done.batches),
            "dompet_batch_seconds": self._of(lambda done: _labelled(done.steps)),
            "dompet_rejections_total": self._of(_rejections),
            "dompet_dead_letters_total": self._of(lambda done: _labelled(dict(done.dead_reasons))),
            "dompet_state_rows": lambda: _labelled(pipeline.projector.state_rows) if pipeline.opened else None,
            "dompet_state_bytes": lambda: pipeline.projector.state_bytes if pipeline.opened else None,
            "dompet_recovery_seconds": self._of(lambda done: done.recoveries),
            "dompet_rebalances_total": lambda: pipeline.source.rebalances if pipeline.opened else None,
            "dompet_outages_total": lambda: pipeline.patience.outages,
            "dompet_outages_open": lambda: pipeline.patience.open_outages,
            "dompet_checkpoint_age_seconds": self._of(_checkpoint_ages),
            "dompet_verify_holds": verified(lambda one: one.holds),
            "dompet_verify_differences": verified(lambda one: one.differences),
            "dompet_verify_timestamp_seconds": verified(lambda one: one.at_us / 1e6),
        }

    def _of(self, read: Callable[[Progress], _R]) -> Callable[[], _R | None]:
        return lambda: read(self._pipeline.projector.progress) if self._pipeline.opened else None


def add_figures(app: Any, pipeline: Pipeline, vitals: "Vitals") -> None:
    """Answer Prometheus at the settings' port, unless the run is one that ends by itself."""
    figures, thread = Figures(pipeline, vitals), ThreadPoolExecutor(1, "verified")

    @app.service
    class FiguresListener(Part):
        """Listens while the worker runs, and looks for the last verification."""

        async def on_start(self) -> None:
            self.listening = ExitStack()
            port = 0 if app.bounded else pipeline.settings.worker_metrics_port
            begin = self.listening.enter_context
            await in_thread(thread, lambda: begin(figures_at(port, Of.WORKER, figures.readers())))

        @mode.Service.task
        async def _look(self) -> None:
            while pipeline.settings.worker_metrics_port and not self.should_stop:
                if pipeline.opened:
                    await in_thread(thread, figures.look)
                await self.sleep(_VERIFIED_EVERY_S if pipeline.opened else _OPENED_S)

        async def on_shutdown(self) -> None:
            await in_thread(thread, self.listening.close)
            thread.shutdown()


def _labelled(values: Mapping[Any, _R]) -> dict[tuple[str, ...], _R]:
    return {(str(name),): value for name, value in values.items()}


def _rejections(done: Progress) -> dict[tuple[str, ...], float]:
    return {(one.reason,): int(done.verdicts[one.value]) for one in Verdict if one.outcome is Outcome.REJECTED}


def _checkpoint_ages(done: Progress) -> dict[tuple[str, ...], float]:
    now = time.monotonic()
    return {(str(partition),): now - moved_s for partition, moved_s in dict(done.moved_s).items()}
