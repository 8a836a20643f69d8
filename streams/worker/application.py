"""dompet as a Faust application: the source is a service, projector and sink are agents on channels of batches."""

import gc
import logging
import signal
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, Final

import faust
import mode

from dompet.streams.catalogue.feed import CatalogueFeed
from dompet.streams.pipeline.assembly import Pipeline
from dompet.streams.pipeline.projector import Folded
from dompet.streams.pipeline.source import Batch
from dompet.streams.process.logs import logging_config
from dompet.streams.settings import Settings
from dompet.streams.worker.catalogue import add_catalogue
from dompet.streams.worker.faust_parts import NoKafka, Worker, check_overrides
from dompet.streams.worker.figures import add_figures
from dompet.streams.worker.pages import add_pages
from dompet.streams.worker.progress_lines import add_progress_lines
from dompet.streams.worker.services import FailFast, Part, begin, in_thread
from dompet.streams.worker.sweep import add_sweep
from dompet.streams.worker.topic_watch import add_topic_watch
from dompet.streams.worker.until_end import GroupEnd
from dompet.streams.worker.vitals import Vitals

log = logging.getLogger("dompet.worker")

_LOOK_S: Final = 0.05
_SEEN_S: Final = 2.0
"""How long the pages of a worker that hangs say so before it ends, and they with it."""
_COLLECT_AFTER: Final = 50_000
"""Objects more than before, after which the youngest are looked at: several times a chunk of messages."""


class Stalled(RuntimeError):
    """Records wait in the log and none is stored."""


class DompetApp(faust.App):
    """The application with its pipeline. A run that is `bounded` ends where the group has stored the log up to its end
    as it was at the start, and the catalogue; `on_progress` takes how many records are stored, and how many there will
    be. `catalogue` is None until the topic is read.
    """

    logger = logging.getLogger("faust.dompet")
    BootStrategy = NoKafka
    pipeline: Pipeline
    catalogue: CatalogueFeed | None = None
    bounded = False
    on_progress: Callable[[int, int], None] | None = None

    async def on_start(self) -> None:
        """Let channels take items: Faust's own Kafka client would, once it has partitions."""
        await super().on_start()
        self.flow_control.resume()

    def finish(self) -> None:
        """Stop in order, as by a signal."""
        signal.raise_signal(signal.SIGTERM)


def create_app(
    settings: Settings, *, group_moved: bool = False, beside: AbstractContextManager[None] | None = None
) -> DompetApp:
    """The application for these settings; nothing is opened before it starts. `beside` is entered first, and left last.
    Raises DompetError where a setting is wrong, or Faust is another than the worker was written for.
    """
    check_overrides()
    pipeline = Pipeline(settings, group_moved=group_moved, beside=beside)
    app = DompetApp(
        f"{settings.group}-app",
        store="memory://",
        autodiscover=False,
        datadir=settings.home / "faust",
        web_bind="127.0.0.1",
        web_host="127.0.0.1",
        web_port=settings.web_port,
        web_router_enabled=False,
        web_tables_enabled=False,
        web_graph_enabled=False,
        web_stats_enabled=False,
        web_metrics_enabled=False,
        agent_supervisor=FailFast,
        logging_config=logging_config(),
        worker_redirect_stdouts=False,
        Worker=Worker,
    )
    app.pipeline = pipeline
    settings.home.mkdir(parents=True, exist_ok=True)
    _add_flow(app, pipeline)
    _add_watch(app, pipeline)
    add_topic_watch(app, pipeline)
    if settings.sweep_seconds:
        add_sweep(app, pipeline)
    add_catalogue(app)
    return app


def _add_flow(app: DompetApp, pipeline: Pipeline) -> None:
    """source → batches → projector → folded → sink. Each step works on its own thread, one batch at a time."""
    batches: Any = app.channel(maxsize=1)
    folded: Any = app.channel(maxsize=1)
    projecting = ThreadPoolExecutor(1, "projector")
    storing = ThreadPoolExecutor(1, "sink")

    @app.service
    class LogSource(Part):
        """Reads the log on its own thread; waits while the channel is full."""

        async def on_start(self) -> None:
            self.thread = ThreadPoolExecutor(1, "source")
            await in_thread(self.thread, pipeline.open)
            _collect_less()

        @mode.Service.task
        async def _read(self) -> None:
            begin(self)
            while not self.should_stop:
                batch = await in_thread(self.thread, pipeline.source.read)
                if batch is not None:
                    await batches.put(batch)

        async def on_shutdown(self) -> None:
            if pipeline.opened:
                await in_thread(self.thread, pipeline.source.close)
            self.thread.shutdown()

    @app.agent(batches, name="projector")
    async def projector(stream: faust.StreamT[Batch]) -> AsyncIterator[int]:
        """Decodes and folds batches, in order."""
        async for batch in stream:
            done = await in_thread(projecting, pipeline.projector.project, batch.records, batch.generation)
            if done is not None:
                await folded.put(done)
            yield len(batch.records)

    @app.agent(folded, name="sink")
    async def sink(stream: faust.StreamT[Folded]) -> AsyncIterator[int]:
        """Stores folded batches, in order, while the next one is folded."""
        async for done in stream:
            await in_thread(storing, pipeline.store, done)
            yield len(done.decoded.records)


def _collect_less() -> None:
    """Let the garbage collector pass over what is loaded, and look at the rest less often.

    Each batch makes and frees thousands of the Kafka client's messages; with Python's own threshold of 700 they would
    have it walk through all of Faust again and again, which took as long as reading the log itself.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def _add_watch(app: DompetApp, pipeline: Pipeline) -> None:
    """Progress is watched: for the end of a bounded run, for the pages and the figures, and for a worker that hangs."""
    vitals = Vitals(pipeline)
    add_pages(app, pipeline, vitals)
    add_progress_lines(app, vitals)
    add_figures(app, pipeline, vitals)

    @app.service
    class Watch(Part):
        """Ends a bounded run at its end, and any run that stalls."""

        @mode.Service.task
        async def _watch(self) -> None:
            end: GroupEnd | None = None
            async for _ in self.itertimer(_LOOK_S, name="watch"):
                vitals.look()
                if vitals.stalled:
                    complaint = vitals.complaint()
                    await self.sleep(_SEEN_S)
                    raise Stalled(complaint)
                if app.bounded and pipeline.source.assigned:
                    if end is None:
                        end = await in_thread(asking, lambda: pipeline.patience.through(GroupEnd, pipeline))
                    left = await in_thread(asking, end.left)
                    if app.on_progress:
                        app.on_progress(pipeline.projector.progress.records, pipeline.projector.progress.records + left)
                    if not left and app.catalogue is not None and app.catalogue.caught_up:
                        app.finish()
                        return

    asking = ThreadPoolExecutor(1, "watch")
