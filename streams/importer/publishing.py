"""The second half of an import: its sorted events published, and what the log has of them remembered."""

from collections.abc import Callable
from typing import Final

import numpy as np
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from dompet.schemas.encode_lines import encode_lines
from dompet.schemas.errors import InvalidEvent
from dompet.streams.importer.spool import Spool
from dompet.streams.publish import BrokerUnreachable, Origin, Publisher
from dompet.streams.publish.blocks import LINE_BYTES_MAX
from dompet.streams.settings import Settings

CHUNK_EVENTS: Final = 20_000
"""So many at most are published twice where an import is cut and started again."""


def publish_spool(publisher: Publisher, spool: Spool, progress: Callable[[int, int], None]) -> int:
    """Publish the events that the log has not acknowledged yet, in order; how many.

    `progress` receives how many of all the log has. Raises DeliveryFailed; what was acknowledged before is remembered.
    """
    before = spool.acknowledged
    progress(before, spool.tally.total)
    while chunk := list(spool.lines(spool.acknowledged, CHUNK_EVENTS)):
        places = np.array([place for place, _ in chunk], dtype=np.int64)
        block = "\n".join(line for _, line in chunk).encode()
        encoded = encode_lines(block, 0, LINE_BYTES_MAX).encoded
        if encoded.faults:
            row, fault = min(encoded.faults.items())
            raise InvalidEvent(f"event {places[row]} of the import: {fault}")
        publisher.publish_encoded(encoded, np.arange(len(chunk)), Origin("the import", "event", places))
        publisher.flush()
        spool.acknowledge(chunk[-1][0])
        progress(spool.acknowledged, spool.tally.total)
    return spool.acknowledged - before


def log_identity(admin: AdminClient, settings: Settings) -> str:
    """The log topic's own id, which no other topic of its name has; BrokerUnreachable where there is none."""
    name = settings.topics.log.name
    try:
        topic = admin.describe_topics(TopicCollection([name]))[name].result()
    except KafkaException as error:
        raise BrokerUnreachable(f"the Kafka at {settings.kafka}: topic {name}: {error.args[0].str()}") from None
    return f"{name}/{topic.topic_id}"
