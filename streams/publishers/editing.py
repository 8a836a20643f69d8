"""What a command changes of a publisher."""

from typing import Any

from dompet.streams.publishers.entries import PublisherEntry, PublisherError
from dompet.streams.publishers.topic import read_publishers, write_publisher
from dompet.streams.settings import Settings


def entry_to_change(settings: Settings, publisher_id: str) -> PublisherEntry:
    """The entry as it is now; PublisherError where there is none."""
    entry = read_publishers(settings).get(publisher_id)
    if entry is None:
        raise PublisherError(f"{publisher_id} has no entry: `dompet publishers add` makes one")
    return entry


def change_entry(settings: Settings, publisher_id: str, by: str, **changes: Any) -> None:
    """Change fields of the entry, in the name of `by`; PublisherError where there is none."""
    write_publisher(settings, entry_to_change(settings, publisher_id).changed(by, **changes))
