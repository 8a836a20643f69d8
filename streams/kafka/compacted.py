"""Compacted topics of entries: read whole, followed by a process that goes by them, written by a command."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Final

from dompet.schemas.errors import DompetError
from dompet.schemas.topics import Topic
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.publications import Publication, publish
from dompet.streams.kafka.records import LogReader
from dompet.streams.kafka.topics import ensure_topics, partition_counts
from dompet.streams.settings import Settings

log = logging.getLogger("dompet.access")

_FOLLOW_S: Final = 1.0
_PARTITION: Final = 0

Take = Callable[[str, bytes | None], bool]
"""Takes an entry by its name, None where it is gone; False where the record is no entry."""


class EntryNotStored(DompetError):
    """The topic did not take an entry."""


def read_all(settings: Settings, topic: Topic, take: Take) -> None:
    """All entries as they are now; none where the topic is not there. DompetError where Kafka does not answer."""
    if partition_counts(admin_client(settings), [topic]):
        with closing(LogReader(settings.kafka_settings(), topic.name)) as reader:
            _read_on(reader, topic, take, 0)


def write(
    settings: Settings, topic: Topic, name: str, value: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()
) -> None:
    """Store an entry, None: take it away; the topic is made where it is missing. DompetError where it is not taken."""
    ensure_topics(admin_client(settings), [topic])
    record = Publication("", _PARTITION, name.encode(), value, headers)
    _, why = publish(settings.kafka_settings(), topic.name, [record])
    if why:
        raise EntryNotStored(f"topic {topic.name} did not take the entry: {why}")


@contextmanager
def followed(settings: Settings, topic: Topic, take: Take) -> Iterator[None]:
    """Entries are read, and taken as they change while the block runs: within a second or two."""
    read_all(settings, topic, take)
    over = threading.Event()
    arguments = (settings, topic, take, over)
    following = threading.Thread(target=_follow, args=arguments, name=f"follows {topic.name}", daemon=True)
    following.start()
    try:
        yield
    finally:
        over.set()
        following.join()


def _follow(settings: Settings, topic: Topic, take: Take, over: threading.Event) -> None:
    """While Kafka is away the entries stay as they were."""
    at, complained = 0, False
    while not over.wait(_FOLLOW_S):
        try:
            with closing(LogReader(settings.kafka_settings(), topic.name)) as reader:
                while not over.wait(_FOLLOW_S):
                    at = _read_on(reader, topic, take, at)
                    complained = False
        except DompetError as error:
            if not complained:
                log.warning("entries cannot be read now, and stay as they were: %s", error)
            complained = True


def _read_on(reader: LogReader, topic: Topic, take: Take, at: int) -> int:
    """Read what is new from an offset on; up to where."""
    low, high = reader.ends(_PARTITION)
    for record in reader.between(_PARTITION, max(at, low), high):
        if not take((record.key or b"").decode("utf-8", "replace"), record.value):
            log.warning("the record at %s of %s is no entry, and is passed over", record.place, topic.name)
    return high
