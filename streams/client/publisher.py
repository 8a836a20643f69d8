"""A program's publisher: events checked when they are given, delivered a batch at a time."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from dompet.schemas.errors import DompetError
from dompet.schemas.events import Event
from dompet.schemas.wire import encode, encode_fields
from dompet.streams.client.way import NotDelivered, Outgoing, Way, check_owner, is_too_much, size_of


class EventsRefused(DompetError):
    """A gateway will never take these events. `reasons`: why, by event_id. All others were delivered."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        event_id, reason = next(iter(reasons.items()))
        more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
        super().__init__(f"event {event_id} is refused: {reason}{more}")
        self.reasons = reasons


class Publisher:
    """Publishes events by one way, in order. For one thread; a context manager.

    Every event is acknowledged once `flush` or the with-block has ended without an error. Raises what the way's `open`
    raises.
    """

    def __init__(self, way: Way) -> None:
        self._way = way
        self._waiting: list[Outgoing] = []
        self._bytes = 0
        self._closed = False
        self.acknowledged = 0
        """How many events were acknowledged so far."""
        try:
            self.publisher_id = way.open()
            """Whose events these are."""
        except BaseException:
            way.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.flush()
        finally:
            self._closed = True
            self._way.close()

    def publish(self, event: Event) -> None:
        """Take one event, and deliver a batch where there is one.

        Raises InvalidEvent, and the event is not taken; EventsRefused, NotDelivered, NotLetIn for those of the batch.
        """
        value = encode(event)
        self._take(
            type(event).__name__, Outgoing(event.event_id, event.publisher_id, event.beneficiary_id.encode(), value)
        )

    def publish_fields(self, type_name: str, fields: Mapping[str, object]) -> None:
        """The same for an event as a mapping, its time a datetime or integer microseconds since 1970-01-01 UTC."""
        value = encode_fields(type_name, fields)
        event_id, publisher_id, key = (str(fields[name]) for name in ("event_id", "publisher_id", "beneficiary_id"))
        self._take(type_name, Outgoing(event_id, publisher_id, key.encode(), value))

    def flush(self) -> None:
        """Deliver what was taken; when this returns, all of it is acknowledged. Raises as `publish` does."""
        if self._closed:
            raise DompetError("the publisher is closed: nothing can be published after its with-block")
        events, self._waiting, self._bytes = self._waiting, [], 0
        if events:
            self._deliver(events)

    def _take(self, type_name: str, event: Outgoing) -> None:
        check_owner(type_name, event.publisher_id, self.publisher_id)
        if is_too_much(len(self._waiting) + 1, self._bytes + size_of(event)):
            self.flush()
        self._waiting.append(event)
        self._bytes += size_of(event)

    def _deliver(self, events: Sequence[Outgoing]) -> None:
        try:
            refused = self._way.deliver(events)
        except NotDelivered as failure:
            self.acknowledged += len(events) - len(failure.places)
            shown = ", ".join(events[place].event_id for place in failure.places[:3])
            more = ", …" if len(failure.places) > 3 else ""
            raise NotDelivered(failure.places, failure.why, shown + more) from None
        self.acknowledged += len(events) - len(refused)
        if refused:
            raise EventsRefused({events[place].event_id: reason for place, reason in refused.items()})
