"""A way in for events: what a gateway and an inbox have in common."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from dompet.schemas.errors import DompetError, InvalidEvent

EVENTS_MOST: Final = 500
BYTES_MOST: Final = 500_000
"""So much is handed over and acknowledged at a time: less than the smallest body that a gateway or its proxy takes."""
_FRAME_BYTES: Final = 4


class NotLetIn(DompetError):
    """A gateway or a broker refuses who publishes, whatever the events are."""


class NotDelivered(DompetError):
    """Events were not acknowledged. Each may be published again: what the log holds already counts once.

    `places`: which of those that were handed over together, from 0; `why` is the reason alone.
    """

    def __init__(self, places: Sequence[int], why: str, named: str = "") -> None:
        count = f"{len(places)} events are" if len(places) != 1 else "1 event is"
        super().__init__(f"{count} not acknowledged{f' ({named})' if named else ''}: {why}")
        self.places = tuple(places)
        self.why = why


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event that was checked, as a record of the log has it."""

    event_id: str
    publisher_id: str
    key: bytes
    value: bytes


class Way(Protocol):
    """Where events are delivered. For one thread."""

    def open(self) -> str:
        """Reach it; the publisher_id that its events must have. DompetError where it is away, NotLetIn."""

    def deliver(self, events: Sequence[Outgoing]) -> Mapping[int, str]:
        """Hand over events, at most one batch, in their order, and wait until each is acknowledged or refused.

        Why some were refused, by their places from 0. Raises NotDelivered, NotLetIn.
        """

    def close(self) -> None:
        """Let go of it."""


def check_owner(type_name: str, publisher_id: str, owner: str) -> None:
    """InvalidEvent where an event speaks for another than who publishes."""
    if publisher_id != owner:
        raise InvalidEvent(f"{type_name}: publisher_id must be {owner}: who publishes may speak for no other")


def size_of(event: Outgoing) -> int:
    """Its bytes in a batch."""
    return len(event.value) + _FRAME_BYTES


def is_too_much(count: int, size: int) -> bool:
    """Whether a batch may not hold so many events, or so many bytes of them."""
    return count > EVENTS_MOST or size > BYTES_MOST


def batches(events: Sequence[Outgoing]) -> Iterator[slice]:
    """The events a batch at a time."""
    begin = size = 0
    for place, event in enumerate(events):
        size += size_of(event)
        if is_too_much(place - begin + 1, size):
            yield slice(begin, place)
            begin, size = place, size_of(event)
    if begin < len(events):
        yield slice(begin, len(events))
