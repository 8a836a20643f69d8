"""Publishing events to the log. A platform's own program:

    with Publisher("localhost:9092") as publisher:
        publisher.publish(CoursePurchased(...))
        publisher.publish_table("CourseCompleted", table)

The events are the classes of `dompet.schemas.events`; a table is of Arrow, Polars or pandas.
"""

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Final, Self

import numpy as np
from confluent_kafka import KafkaError

from dompet.schemas.encode import Encoded
from dompet.schemas.errors import DompetError
from dompet.schemas.events import EVENT_CLASSES, Event
from dompet.schemas.varints import Longs
from dompet.schemas.wire import encode, encode_fields
from dompet.streams.kafka.batches import Report
from dompet.streams.kafka.producer import Setting
from dompet.streams.publish.deliveries import DeliveryError, DeliveryFailed, Origin
from dompet.streams.publish.sender import BrokerUnreachable, Sender
from dompet.streams.publish.tables import CheckedTable

__all__ = ["BrokerUnreachable", "DeliveryError", "DeliveryFailed", "Origin", "Publisher"]

_REACH_LIMIT_S: Final = 10.0


class Publisher:
    """Publishes events to the log, in order, each keyed by its person. For one thread; a context manager.

    `config` takes librdkafka's settings (security, timeouts); those that keep order and partition cannot be changed.
    `on_delivery` is called for every event published one by one, with None once it is acknowledged, from within the
    publisher's methods and exit. Otherwise a failure is raised as DeliveryFailed by the next publishing, flush or exit.

    Raises BrokerUnreachable when no broker answers within 10 s, SettingRefused for a setting it cannot keep to.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        topic: str = "dompet.events",
        config: Mapping[str, Setting] | None = None,
        on_delivery: Callable[[Event, DeliveryError | None], None] | None = None,
    ) -> None:
        self._on_delivery = on_delivery
        self._events: dict[int, Event] = {}
        self._tables = 0
        self._closed = False
        on_report = self._report if on_delivery else None
        self._sender = Sender(bootstrap_servers, topic, config or {}, on_report, _REACH_LIMIT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.flush()
        except DeliveryFailed as failure:
            if error is None:
                raise
            error.add_note(str(failure))
        finally:
            self._closed = True
            self._sender.close()

    @property
    def acknowledged(self) -> int:
        """How many events, from the first that was published on, the log is known to have without a gap."""
        return self._sender.acknowledged

    def publish(self, event: Event) -> None:
        """Hand one event over for delivery; wait while librdkafka's queue is full.

        Raises InvalidEvent, and nothing is sent; DeliveryFailed for earlier events, and this one is not sent.
        """
        value = encode(event)
        self._send(event.beneficiary_id, value, event if self._on_delivery else None)

    def publish_fields(self, type_name: str, fields: Mapping[str, object]) -> None:
        """The same for an event as a mapping, its time a datetime or integer microseconds since 1970-01-01 UTC."""
        value = encode_fields(type_name, fields)
        event = EVENT_CLASSES[type_name](**fields) if self._on_delivery else None  # type: ignore[arg-type]
        self._send(str(fields["beneficiary_id"]), value, event)

    def publish_table(self, type_name: str, table: object) -> None:
        """Hand all rows of a table over for delivery, in their order: events of one type, a column for each field.

        `table` is anything with Arrow's C stream or array, or the dataframe protocol. Texts may be dictionaries; times
        are timestamps with a zone, or integer microseconds since 1970-01-01 UTC.

        Raises InvalidEvent with the first row (from 0) that is no event, and nothing of the table is sent;
        DeliveryFailed for earlier events, and nothing of the table is sent, or for rows of it, which it names.
        """
        self._begin()
        checked = CheckedTable(type_name, table)
        self._tables += 1
        name = f"table {self._tables} ({type_name})"
        for first, encoded in checked.parts():
            after = first + len(encoded)
            rows = np.arange(len(encoded))
            if not self._sender.send_batch(encoded, rows, Origin(name, "row", rows + first)):
                self._sender.give_up(Origin(name, "row", np.arange(after, len(checked))))
                break
        self._sender.raise_failures()

    def publish_encoded(self, encoded: Encoded, rows: Longs, origin: Origin) -> None:
        """Hand over these rows, in their order, of events that are encoded already; `origin` names them in a failure.

        Raises DeliveryFailed, for earlier events, and nothing is sent, or for some of these.
        """
        self._begin()
        self._sender.send_batch(encoded, rows, origin)
        self._sender.raise_failures()

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until every event published so far is acknowledged or has failed, by default as long as that takes.

        Raises DeliveryFailed, also when `timeout_s` seconds were not enough.
        """
        self._raise_closed()
        self._sender.flush(timeout_s)

    def _begin(self) -> None:
        self._raise_closed()
        self._sender.begin()

    def _send(self, beneficiary_id: str, value: bytes, event: Event | None) -> None:
        self._begin()
        number = self._sender.send(beneficiary_id.encode(), value)
        if event:
            self._events[number] = event

    def _report(self, report: Report) -> None:
        for number, error in zip(report.numbers.tolist(), report.errors.tolist(), strict=True):
            if (event := self._events.pop(number, None)) is not None and self._on_delivery:
                self._on_delivery(event, DeliveryError(KafkaError(error).str()) if error else None)

    def _raise_closed(self) -> None:
        if self._closed:
            raise DompetError("the publisher is closed: nothing can be published after its with-block")
