"""The topic of entries: read whole, followed by a process that lets people in, written by the command."""

import logging
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from dompet.schemas.errors import DompetError
from dompet.streams.access.entries import AccessError, Entries, Entry, entry_of
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.publications import Publication, publish
from dompet.streams.kafka.records import LogReader
from dompet.streams.kafka.topics import ensure_topics, partition_counts
from dompet.streams.settings import Settings

log = logging.getLogger("dompet.access")

_FOLLOW_S: Final = 1.0
_PARTITION: Final = 0


def read_entries(settings: Settings) -> Entries:
    """All entries as they are now; none where the topic is not there. DompetError where Kafka does not answer."""
    topic = settings.topics.access
    entries = Entries({})
    if partition_counts(admin_client(settings), [topic]):
        with closing(LogReader(settings.kafka_settings(), topic.name)) as reader:
            _read_on(reader, entries, 0)
    return entries


def write_entry(settings: Settings, entry: Entry) -> None:
    """Store an entry; the topic is made where it is missing. DompetError where Kafka does not take it."""
    topic = settings.topics.access
    ensure_topics(admin_client(settings), [topic])
    record = Publication("", _PARTITION, entry.name.encode(), entry.record(), ())
    _, why = publish(settings.kafka_settings(), topic.name, [record])
    if why:
        raise AccessError(f"topic {topic.name} did not take the entry: {why}")


@contextmanager
def followed(settings: Settings) -> Iterator[Entries]:
    """The entries, kept as they are while the block runs: what is revoked is revoked within a second or two."""
    entries, over = read_entries(settings), threading.Event()
    following = threading.Thread(target=_follow, args=(settings, entries, over), name="follows access", daemon=True)
    following.start()
    try:
        yield entries
    finally:
        over.set()
        following.join()


def _follow(settings: Settings, entries: Entries, over: threading.Event) -> None:
    """While Kafka is away the entries stay as they were."""
    at, complained = 0, False
    while not over.wait(_FOLLOW_S):
        try:
            with closing(LogReader(settings.kafka_settings(), settings.topics.access.name)) as reader:
                while not over.wait(_FOLLOW_S):
                    at = _read_on(reader, entries, at)
                    complained = False
        except DompetError as error:
            if not complained:
                log.warning("entries cannot be read now, and stay as they were: %s", error)
            complained = True


def _read_on(reader: LogReader, entries: Entries, at: int) -> int:
    """Read what is new from an offset on; up to where."""
    low, high = reader.ends(_PARTITION)
    for record in reader.between(_PARTITION, max(at, low), high):
        name = (record.key or b"").decode("utf-8", "replace")
        entry = entry_of(record.value) if record.value is not None else None
        if record.value is not None and (entry is None or entry.name != name):
            log.warning("the record at %s of the entries is none, and is passed over", record.place)
            continue
        entries.put(name, entry)
    return high
