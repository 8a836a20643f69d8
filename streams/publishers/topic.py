"""The topic of publishers: read whole, followed by a process that lets events in, written by the command."""

from collections.abc import Iterator
from contextlib import contextmanager

from dompet.streams.kafka import compacted
from dompet.streams.process.tokens import now
from dompet.streams.publishers.entries import PublisherEntry, Publishers
from dompet.streams.settings import Settings


def read_publishers(settings: Settings) -> Publishers:
    """All publishers as they are now; none where the topic is not there. DompetError where Kafka does not answer."""
    publishers = Publishers()
    compacted.read_all(settings, settings.topics.publishers, publishers.take)
    return publishers


def write_publisher(settings: Settings, entry: PublisherEntry) -> None:
    """Store an entry; the topic is made where it is missing. DompetError where Kafka does not take it."""
    compacted.write(settings, settings.topics.publishers, entry.publisher_id, entry.record())


def remove_publisher(settings: Settings, publisher_id: str, by: str) -> None:
    """Take an entry away; the record that says so names who did it."""
    headers = (("dompet.changed_by", by.encode("utf-8", "replace")), ("dompet.changed_at", now().encode()))
    compacted.write(settings, settings.topics.publishers, publisher_id, None, headers)


@contextmanager
def followed(settings: Settings) -> Iterator[Publishers]:
    """The publishers, kept as they are while the block runs: who is suspended is refused within a second or two."""
    publishers = Publishers()
    with compacted.followed(settings, settings.topics.publishers, publishers.take):
        yield publishers
