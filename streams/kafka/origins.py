"""Where a record of the log came from, as its headers say. Who puts records on the log for others adds them.

The names say what Kafka says of a record's place. A topic's id is part of it: one of the same name that is made again
begins at offset 0 again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "dompet.origin."
WAY: Final = f"{PREFIX}way"
PUBLISHER: Final = f"{PREFIX}publisher"
TOPIC: Final = f"{PREFIX}topic"
TOPIC_ID: Final = f"{PREFIX}topic-id"
PARTITION: Final = f"{PREFIX}partition"
OFFSET: Final = f"{PREFIX}offset"
BY_KAFKA: Final = "kafka"
BY_HTTP: Final = "http"


@dataclass(frozen=True)
class InboxPlace:
    """A partition of a publisher's inbox."""

    publisher: str
    topic: str
    topic_id: str
    partition: int

    def headers(self) -> dict[str, bytes]:
        """What all records that came from there have, before their offset."""
        return {
            WAY: BY_KAFKA.encode(),
            PUBLISHER: self.publisher.encode(),
            TOPIC: self.topic.encode(),
            TOPIC_ID: self.topic_id.encode(),
            PARTITION: str(self.partition).encode(),
        }


def place_in(headers: Mapping[str, bytes | None]) -> tuple[str, int, int] | None:
    """The topic's id, partition and offset that a record of the log came from; None where it came by no inbox."""
    if headers.get(WAY) != BY_KAFKA.encode():
        return None
    topic_id, partition, offset = (headers.get(name) or b"" for name in (TOPIC_ID, PARTITION, OFFSET))
    if not (partition.isdigit() and offset.isdigit()):
        return None
    return topic_id.decode("utf-8", "replace"), int(partition), int(offset)
