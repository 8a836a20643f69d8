"""The catalogue as every worker holds it: what the catalogue topic says, by type, id and valid_from, as a table in
memory and as tables in the warehouse.

The fold never looks at it; pages and views name and judge things by it.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date
from typing import Any, Final

import mode
from faust.types import TP

from dompet.schemas.catalogue import InvalidListing, Listing
from dompet.schemas.topics import declared_topics
from dompet.streams.catalogue.feed import CatalogueFeed
from dompet.streams.catalogue.topic import ListingKey, read_record
from dompet.streams.worker.faust_parts import Part, in_thread

log = logging.getLogger("dompet.catalogue")

TOPIC: Final = declared_topics().catalogue.name

_LOOK_S: Final = 0.05
_HEAL_S: Final = 5.0


def add_catalogue(app: Any) -> None:
    """An agent on the catalogue's topic, and the GlobalTable that it fills."""
    topic = app.topic(TOPIC, key_serializer="raw", value_serializer="raw", allow_empty=True)
    table = app.catalogue = app.GlobalTable("catalogue", partitions=1, recovery_buffer_size=1)
    declared = app.pipeline.settings.topics.catalogue_table.name
    if table.changelog_topic.get_topic_name() != declared:  # Faust would wait for a topic that nobody makes, for ever
        raise AssertionError(f"Faust names the catalogue's changelog otherwise than {declared}")

    @app.agent(topic, name="catalogue")
    async def catalogue(stream: Any) -> None:
        """Keeps the newest record of each key; a record without a value takes its key out."""
        async for event in stream.noack().events():  # Faust acknowledges a record that raised, and so would skip it
            _apply(table, event.key, event.value)
            await stream.ack(event)

    @app.task
    async def read_again_where_the_table_is_lost() -> None:
        """The table and the offsets live in different topics: where only the offsets were kept, begin anew."""
        partition = TP(TOPIC, 0)
        if not table and partition in app.consumer.assignment():
            await app.consumer.seek(partition, 0)


def add_catalogue_feed(app: Any) -> None:
    """A service that copies the catalogue's topic into the warehouse; `app.catalogue_stored` once it has caught up."""
    thread = ThreadPoolExecutor(1, "catalogue")
    pipeline = app.pipeline

    @app.service
    class CatalogueStore(Part):
        """Follows the topic on its own thread, beside Faust's consumer: of a group only one member gets that one."""

        feed: CatalogueFeed | None = None

        @mode.Service.task
        async def _copy(self) -> None:
            while not pipeline.opened:
                await asyncio.sleep(_LOOK_S)

            def opened() -> CatalogueFeed:
                return CatalogueFeed(pipeline.kafka, TOPIC, pipeline.patient)

            feed: CatalogueFeed = await in_thread(thread, pipeline.patience.through, opened)
            self.feed = feed
            changed = looked = time.monotonic()
            while not self.should_stop:
                if await in_thread(thread, feed.step):
                    changed = time.monotonic()
                app.catalogue_stored = feed.caught_up
                if feed.caught_up and time.monotonic() > max(changed, looked) + _HEAL_S:
                    looked = time.monotonic()
                    _heal(app.catalogue, feed.listed)

        async def on_shutdown(self) -> None:
            if self.feed is not None:
                await in_thread(thread, self.feed.close)
            thread.shutdown()


def _apply(table: Any, key: bytes | None, value: bytes | None) -> None:
    try:
        record = read_record(0, key, value)
    except InvalidListing as fault:
        log.warning("topic %s, key %s: %s", TOPIC, (key or b"").decode("utf-8", "replace"), fault)
        return
    if record.listing is None:
        table.pop(_name(record.key), None)
    else:
        name, row = _entry(record.key, record.listing)
        table[name] = row


def _heal(table: Any, listed: Mapping[ListingKey, Listing]) -> None:
    """Make a table that stays other than the topic what the topic says, in this worker: Faust's consumer drops a record
    whose delivery a rebalance suspends, and compaction may have taken away what took a listing back.
    """
    said = dict(_entry(key, listing) for key, listing in listed.items())
    if (held := dict(table)) != said:
        log.warning("the table of the catalogue is not what topic %s says: mended", TOPIC)
        for name in held.keys() - said.keys():
            del table.data[name]
        table.data.update(said)


def _name(key: ListingKey) -> str:
    return "/".join(map(str, key))


def _entry(key: ListingKey, listing: Listing) -> tuple[str, dict[str, Any]]:
    return _name(key), {"type": key.type_name, **{k: _plain(v) for k, v in asdict(listing).items()}}


def _plain(value: Any) -> Any:
    """As JSON has it: the table's changelog is JSON."""
    return value.isoformat() if isinstance(value, date) else value
