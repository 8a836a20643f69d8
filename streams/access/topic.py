"""The topic of entries: read whole, followed by a process that lets people in, written by the command."""

from collections.abc import Iterator
from contextlib import contextmanager

from dompet.streams.access.entries import Entries, Entry
from dompet.streams.kafka import compacted
from dompet.streams.settings import Settings


def read_entries(settings: Settings) -> Entries:
    """All entries as they are now; none where the topic is not there. DompetError where Kafka does not answer."""
    entries = Entries({})
    compacted.read_all(settings, settings.topics.access, entries.take)
    return entries


def write_entry(settings: Settings, entry: Entry) -> None:
    """Store an entry; the topic is made where it is missing. DompetError where Kafka does not take it."""
    compacted.write(settings, settings.topics.access, entry.name, entry.record())


@contextmanager
def followed(settings: Settings) -> Iterator[Entries]:
    """The entries, kept as they are while the block runs: what is revoked is revoked within a second or two."""
    entries = Entries({})
    with compacted.followed(settings, settings.topics.access, entries.take):
        yield entries
