"""The timer of the deadlines: a worker that has read all there is revokes its wallets past one, a batch at a time."""

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import mode

from dompet.streams.pipeline.assembly import Pipeline
from dompet.streams.process.patience import Unavailable
from dompet.streams.publish import BrokerUnreachable, DeliveryFailed, Publisher
from dompet.streams.publish.deadlines import BATCH, Sweeper
from dompet.streams.worker.services import Part, in_thread

log = logging.getLogger("dompet.sweep")

_SECOND_US: Final = 1_000_000


def add_sweep(app: Any, pipeline: Pipeline) -> None:
    """Sweep every `sweep_seconds`. Each partition is one worker's at a time, and so is each wallet."""
    settings = pipeline.settings
    thread = ThreadPoolExecutor(1, "sweep")

    @app.service
    class Sweep(Part):
        """Publishes revocations into the log that this worker reads."""

        async def on_start(self) -> None:
            self.sweeper: Sweeper | None = None

        @mode.Service.task
        async def _sweep(self) -> None:
            async for _ in self.itertimer(settings.sweep_seconds, name="sweep"):
                await in_thread(thread, self._once)

        def _once(self) -> None:
            try:
                self._sweep_now()
            except (Unavailable, BrokerUnreachable, DeliveryFailed) as fault:
                log.warning("no deadlines were swept: %s", fault)
                self.sweeper = None

        def _sweep_now(self) -> None:
            if not pipeline.opened or not pipeline.source.assigned or not pipeline.source.has_read_all():
                return
            if self.sweeper is None:
                publisher = Publisher(str(settings.kafka), settings.topics.log.name, settings.client_config())
                self.sweeper = Sweeper(publisher, round(settings.sweep_grace_seconds * _SECOND_US))
            as_of_us = self.sweeper.as_of_us(pipeline.projector.progress.newest_recorded_us)
            published = self.sweeper.sweep(pipeline.projector.overdue(as_of_us, BATCH))
            if published:
                log.info("revoked %d wallets past a deadline", published)

        async def on_shutdown(self) -> None:
            thread.shutdown()
