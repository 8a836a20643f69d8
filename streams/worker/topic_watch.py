"""A watch over the topics while the worker runs: what was right when it started may be changed at any time."""

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import mode

from dompet.streams.pipeline.assembly import Pipeline
from dompet.streams.process.patience import Unavailable
from dompet.streams.worker.services import Part, in_thread

log = logging.getLogger("dompet.kafka")

_EVERY_S: Final = 10.0


def add_topic_watch(app: Any, pipeline: Pipeline) -> None:
    """Ask the broker for the topics' settings every ten seconds."""
    thread = ThreadPoolExecutor(1, "topics")

    def check() -> None:
        try:
            pipeline.topics.check()
        except Unavailable as fault:  # the source waits for the broker, with a limit of its own
            log.debug("the topics were not checked: %s", fault)

    @app.service
    class TopicWatch(Part):
        """Ends the worker where a topic is not any more as the journal needs it."""

        @mode.Service.task
        async def _watch(self) -> None:
            async for _ in self.itertimer(_EVERY_S, name="topics"):
                if pipeline.opened:
                    await in_thread(thread, check)
