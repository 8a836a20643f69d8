"""Publishing events to the log. A platform's own program:

    with Publisher("localhost:9092") as publisher:
        publisher.publish(CoursePurchased(...))

The events are the classes of `dompet.schemas.events`.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType
from typing import Final, Self

from confluent_kafka import KafkaError, KafkaException, Message

from dompet.schemas.errors import DompetError
from dompet.schemas.events import EVENT_CLASSES, Event
from dompet.schemas.wire import encode, encode_fields
from dompet.streams.kafka.librdkafka import rebootstrap
from dompet.streams.kafka.producer import Setting, SettingRefused, event_producer, without_passwords

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())

_REACH_LIMIT_S: Final = 10.0
_WAIT_S: Final = 0.2
_POLL_EVERY_S: Final = 0.01
"""How often a busy publisher hears what became of its events, where nobody waits for it: that costs half a sending."""

_STILL_S: Final = 5.0
"""Where events wait and none is delivered for so long, the library is told the brokers anew."""

_Report = Callable[[KafkaError | None, Message], None]


class BrokerUnreachable(DompetError):
    """No broker answers, or it does not know the topic."""


class DeliveryError(DompetError):
    """Why one event was not delivered."""


class DeliveryFailed(DompetError):
    """Events were not delivered, or not within the time given; `failed` says how many.

    Others published after them may have been delivered all the same. Each may be published again: what the log holds
    already counts as a duplicate.
    """

    def __init__(self, failed: int, sentence: str) -> None:
        super().__init__(sentence)
        self.failed = failed


class Publisher:
    """Publishes events to the log, in order, each keyed by its person. For one thread; a context manager.

    `config` takes librdkafka's settings (security, timeouts); those that keep order and partition cannot be changed.
    `on_delivery` is called for every event, with None once it is acknowledged, from within publish(), flush() and exit.
    Without it, a failure is raised as DeliveryFailed by the next of these three.

    Raises BrokerUnreachable when no broker answers within 10 s, SettingRefused for a setting it cannot keep to.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        topic: str = "dompet.events",
        config: Mapping[str, Setting] | None = None,
        on_delivery: Callable[[Event, DeliveryError | None], None] | None = None,
    ) -> None:
        self._servers = bootstrap_servers
        self._topic = topic
        self._on_delivery = on_delivery
        self._failed = 0
        self._first_reason = ""
        self._closed = False
        self._polled_s = 0.0
        self._waiting = 0
        self._moved_s = 0.0
        self._overdue = False
        self._poll_every_s = 0.0 if on_delivery else _POLL_EVERY_S
        self._broker_says = ""
        try:
            # A call into Python for each delivery costs as much as sending.
            heard = {"on_delivery": self._count, "delivery.report.only.error": on_delivery is None}
            self._producer = event_producer(bootstrap_servers, config or {}, _log, error_cb=self._listen, **heard)
        except KafkaException as error:
            raise SettingRefused(f"the publisher's settings: {_reason(error)}") from None
        self._reach(without_passwords(bootstrap_servers))

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
            del self._producer  # closes its connections now, not when the cycle of references is found

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

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until every event published so far is acknowledged or has failed, by default as long as that takes.

        Raises DeliveryFailed, also when `timeout_s` seconds were not enough.
        """
        self._raise_closed()
        deadline_s = time.monotonic() + (math.inf if timeout_s is None else timeout_s)
        # In short waits, so that Ctrl-C is heard between them.
        while waiting := self._producer.flush(max(0.0, min(deadline_s - time.monotonic(), _WAIT_S))):
            if time.monotonic() >= deadline_s:
                raise DeliveryFailed(waiting, f"{_events(waiting)} not acknowledged within {timeout_s:g} s")
            self._look()
        self._raise_failures()

    def _send(self, beneficiary_id: str, value: bytes, event: Event | None) -> None:
        self._raise_closed()
        if (now_s := time.monotonic()) >= self._polled_s + self._poll_every_s:
            self._polled_s = now_s
            self._producer.poll(0)
            self._look()
        self._raise_failures()
        report: _Report | None = partial(self._tell, event) if event else None
        key = beneficiary_id.encode()
        while True:
            try:
                self._producer.produce(self._topic, value, key, on_delivery=report)
                break
            except BufferError:
                self._producer.poll(_WAIT_S)
                self._look()
                self._raise_failures()
            except KafkaException as error:
                raise DeliveryFailed(1, f"{self._topic} does not take the event: {_reason(error)}") from None

    def _look(self) -> None:
        """Where no event was delivered for a while, the library may have lost every broker."""
        now_s, waiting = time.monotonic(), len(self._producer)
        if self._overdue:
            self._overdue = False
        elif not waiting or waiting < self._waiting:
            self._moved_s = now_s
        if now_s >= self._moved_s + _STILL_S:
            self._moved_s = now_s
            rebootstrap(self._producer, self._servers)
        self._waiting = waiting

    def _raise_closed(self) -> None:
        if self._closed:
            raise DompetError("the publisher is closed: nothing can be published after its with-block")

    def _raise_failures(self) -> None:
        if failed := self._failed:
            self._failed = 0
            where_and_why = f"{self._topic}, the first because: {self._first_reason}"
            raise DeliveryFailed(failed, f"{_events(failed)} not delivered to {where_and_why}")

    def _count(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._first_reason = self._first_reason if self._failed else error.str()
            self._failed += 1
            self._overdue |= error.code() == KafkaError._MSG_TIMED_OUT

    def _tell(self, event: Event, error: KafkaError | None, message: Message) -> None:
        self._overdue |= error is not None and error.code() == KafkaError._MSG_TIMED_OUT
        if self._on_delivery:
            self._on_delivery(event, DeliveryError(error.str()) if error else None)

    def _listen(self, error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._broker_says = error.str()

    def _reach(self, servers: str) -> None:
        # All topics are asked for: asking for one by its name could make it, on a broker that makes topics by itself.
        try:
            topics = self._producer.list_topics(timeout=_REACH_LIMIT_S).topics
        except KafkaException as error:
            self._producer.poll(0)  # lets _listen hear why
            why = self._broker_says or _reason(error)
            raise BrokerUnreachable(
                f"no Kafka broker answers at {servers} within {_REACH_LIMIT_S:g} s: {without_passwords(why)}"
            ) from None
        if self._topic not in topics:
            raise BrokerUnreachable(f"the Kafka at {servers} has no topic {self._topic}; `dompet topics` creates it")


def _reason(error: KafkaException) -> str:
    return str(error.args[0].str())


def _events(count: int) -> str:
    return "1 event is" if count == 1 else f"{count} events are"
