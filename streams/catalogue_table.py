"""The catalogue as a table that every worker holds: what the catalogue topic says, by kind, id and valid_from.

The fold never looks at it; pages name and judge things by it.
"""

import logging
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from faust.types import TP

from dompet.schemas.catalogue import decode_listing
from dompet.schemas.errors import DompetError
from dompet.streams.topics import declared_topics

log = logging.getLogger("dompet.catalogue")

TOPIC: Final = declared_topics().catalogue.name


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


def _apply(table: Any, key: bytes | None, value: bytes | None) -> None:
    if key is None:
        log.warning("topic %s: a record without a key says nothing", TOPIC)
        return
    name = key.decode("utf-8", "replace")
    if value is None:
        table.pop(name, None)
        return
    try:
        listing = decode_listing(value)
    except DompetError as error:
        log.warning("topic %s, key %s: %s", TOPIC, name, error)
        return
    table[name] = {"type": type(listing).__name__, **{k: _plain(v) for k, v in asdict(listing).items()}}


def _plain(value: Any) -> Any:
    """As JSON has it: the table's changelog is JSON."""
    return value.isoformat() if isinstance(value, date) else value
