"""What a command changes of a publisher."""

from dompet.streams.publishers.entries import PublisherEntry, PublisherError
from dompet.streams.publishers.topic import read_publishers
from dompet.streams.settings import Settings


def entry_to_change(settings: Settings, publisher_id: str) -> PublisherEntry:
    """The entry as it is now; PublisherError where there is none."""
    entry = read_publishers(settings).get(publisher_id)
    if entry is None:
        raise PublisherError(f"{publisher_id} has no entry: `dompet publishers add` makes one")
    return entry
