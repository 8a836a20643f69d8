"""Events that a program makes one by one, published many at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import numpy as np

from dompet.schemas.encode_rows import TypedFields, encode_rows
from dompet.schemas.errors import InvalidEvent
from dompet.streams.publish import Origin, Publisher

CHUNK_EVENTS: Final = 4_096


def chunks(events: Iterable[TypedFields], size: int = CHUNK_EVENTS) -> Iterator[list[TypedFields]]:
    """All events in their order, so many at a time; the last may be fewer."""
    source = iter(events)
    while some := list(islice(source, size)):
        yield some


def publish_rows(publisher: Publisher, events: list[TypedFields], name: str, first: int) -> None:
    """Hand events of any types over, in their order, numbered from `first` on as those of `name`.

    Raises InvalidEvent with the number of the first that is none, and nothing is sent; DeliveryFailed.
    """
    encoded = encode_rows(events)
    if encoded.faults:
        row, fault = min(encoded.faults.items())
        raise InvalidEvent(f"event {first + row} of {name}: {fault}")
    rows = np.arange(len(events))
    publisher.publish_encoded(encoded, rows, Origin(name, "event", rows + first))
