"""The catalogue in a worker: a service reads its topic, an agent stores what came in the warehouse.

Every worker does, so that each knows what is listed; they write the same rows. The fold never looks at it.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import mode

from dompet.streams.catalogue.feed import CatalogueFeed
from dompet.streams.worker.services import Part, in_thread

_LOOK_S: Final = 0.05


def add_catalogue(app: Any) -> None:
    """The topic → `listed` → agent. `app.catalogue` holds what was read."""
    listed = app.channel(maxsize=1)
    pipeline = app.pipeline
    thread = ThreadPoolExecutor(1, "catalogue")

    @app.service
    class CatalogueSource(Part):
        """Reads the topic on a thread of its own, from the beginning; waits while the channel is full."""

        @mode.Service.task
        async def _read(self) -> None:
            while not pipeline.opened:
                await asyncio.sleep(_LOOK_S)

            def opened() -> CatalogueFeed:
                return CatalogueFeed(pipeline.kafka, pipeline.settings.topics.catalogue.name, pipeline.patient)

            app.catalogue = await in_thread(thread, pipeline.patience.through, opened)
            while not self.should_stop:
                batch = await in_thread(thread, app.catalogue.read)
                if batch.records or not app.catalogue.caught_up:
                    await listed.put(batch)

        async def on_shutdown(self) -> None:
            if app.catalogue is not None:
                await in_thread(thread, app.catalogue.close)

    @app.agent(listed, name="catalogue")
    async def catalogue(stream: Any) -> Any:
        """Stores what the topic says, in its order."""
        async for batch in stream:
            await in_thread(thread, app.catalogue.store, batch)
            yield len(batch.records)
