"""Batches of records to one topic, without a Python object for any of them.

librdkafka by its own C functions, with a handle of our own: confluent-kafka's Producer passes over every report of a
message that did not go through its own `produce`. Reports come as events, one for each set of messages that a broker
answered.
"""

import ctypes
import logging
import weakref
from collections.abc import Callable, Iterator, Mapping
from enum import IntFlag
from typing import Any, Final

import numpy as np
from confluent_kafka import KafkaError, KafkaException

from dompet.streams.kafka.batches import Batch, Report, read_outcomes
from dompet.streams.kafka.headed import HeadedBatch, Headers
from dompet.streams.kafka.librdkafka import library
from dompet.streams.kafka.metadata import Cluster, cluster
from dompet.streams.kafka.producer import Setting, SettingRefused
from dompet.streams.kafka.sockets import OPEN_SOCKET

_PRODUCER: Final = 0
_COPY: Final = 0x2
_EACH_ITS_PARTITION: Final = 0x8
_BY_ITS_KEY: Final = -1
"""librdkafka's numbers for a kind of client, and for ways to produce."""
_TEXT_BYTES: Final = 512
_FLUSH_MS: Final = 1
_LEVELS: Final = (logging.CRITICAL, logging.CRITICAL, logging.CRITICAL, logging.ERROR, logging.WARNING, logging.INFO)
"""Of syslog's levels, from the worst; all milder ones are for debugging."""


class _Event(IntFlag):
    """The kinds of events that are asked for, as librdkafka numbers them."""

    DELIVERY = 0x1
    LOG = 0x4
    ERROR = 0x8


class BatchProducer:
    """Produces to `topic`, in order for each partition. For one thread.

    `settings` are librdkafka's. `on_error` is called with each error that is no message's, from within `reports`, and
    what the library logs goes to `log`. Raises SettingRefused.
    """

    def __init__(
        self,
        topic: str,
        settings: Mapping[str, Setting],
        on_error: Callable[[KafkaError], None],
        log: logging.Logger,
        *,
        dies_at_once: bool = False,
    ) -> None:
        """`dies_at_once`: once it is closed, or its process has ended, nothing more of it leaves the machine."""
        self._library = loaded = library()
        self._on_error = on_error
        self._log = log
        own = {"log.queue": True, "delivery.report.only.error": False}
        self._handle = _new_client({**settings, **own}, dies_at_once=dies_at_once)
        loaded.rd_kafka_set_log_queue(self._handle, None)
        self._queue = loaded.rd_kafka_queue_get_main(self._handle)
        self._topic = loaded.rd_kafka_topic_new(self._handle, topic.encode(), None)
        self._close = weakref.finalize(self, _destroy, self._handle, self._queue, self._topic)
        self._close.atexit = False  # a program that ends does not wait for it

    def cluster(self, timeout_s: float) -> Cluster:
        """Its brokers and topics. KafkaException where no broker answers in time."""
        return cluster(self._handle, timeout_s)

    @property
    def waiting(self) -> int:
        """How many messages and events are not reported yet."""
        count: int = self._library.rd_kafka_outq_len(self._handle)
        return count

    def produce(self, key: bytes, value: bytes, number: int) -> bool:
        """Hand one message over; False where the queue is full. KafkaException where it is refused."""
        where = (self._topic, _BY_ITS_KEY, _COPY)
        if self._library.rd_kafka_produce(*where, value, len(value), key, len(key), number) == 0:
            return True
        code = self._library.rd_kafka_last_error()
        if code == KafkaError._QUEUE_FULL:
            return False
        raise KafkaException(KafkaError(code))

    def produce_batch(self, batch: Batch, done: int) -> int:
        """Hand over the messages of a batch from this place on; the place up to which that is done.

        It is not the end where the queue is full. A message that is refused counts as done: `batch.refused` has it.
        """
        rest = batch.messages[done:]
        way = (_BY_ITS_KEY, _COPY | _EACH_ITS_PARTITION)
        taken = self._library.rd_kafka_produce_batch(self._topic, *way, rest.ctypes.data, len(rest))
        return done + len(rest) if taken == len(rest) else batch.place_of(KafkaError._QUEUE_FULL, done)

    def produce_headed(self, batch: HeadedBatch, done: int, *, stops: bool = False) -> int:
        """The same for messages with headers. `stops`: a refused message is the place, and `batch.errors` has why."""
        return batch.produce(self._handle, self._topic, done, stops=stops)

    def produce_one(self, headers: Headers, key: bytes, value: bytes, number: int) -> int:
        """Hand over one message with headers; librdkafka's code of what is wrong, 0 where nothing is."""
        return headers.produce(self._handle, self._topic, key, value, number)

    def wake(self, descriptor: int) -> None:
        """Have a byte written to a descriptor that does not block, where there are reports again after none were."""
        self._library.rd_kafka_queue_io_event_enable(self._queue, descriptor, b"\1", 1)

    def reports(self, wait_s: float) -> Iterator[Report]:
        """What became of messages, as far as it is known: all that is there, after a wait for the first of it."""
        while event := self._library.rd_kafka_queue_poll(self._queue, int(wait_s * 1000)):
            try:
                if (report := self._read_event(event)) is not None:
                    yield report
            finally:
                self._library.rd_kafka_event_destroy(event)
            wait_s = 0.0

    def send_now(self) -> None:
        """Have what waits for company sent without it, as long as this is called again and again."""
        self._library.rd_kafka_flush(self._handle, _FLUSH_MS)

    def bootstrap_again(self, servers: str) -> None:
        """Start again with these servers, as `librdkafka.rebootstrap` says."""
        self._library.rd_kafka_brokers_add(self._handle, servers.encode())

    def close(self) -> None:
        """Give up what is not delivered, and end all connections."""
        self._close()

    def _read_event(self, event: int) -> Report | None:
        match self._library.rd_kafka_event_type(event):
            case _Event.DELIVERY:
                pointers = np.zeros(self._library.rd_kafka_event_message_count(event), dtype=np.int64)
                self._library.rd_kafka_event_message_array(event, pointers.ctypes.data, len(pointers))
                return read_outcomes(pointers)
            case _Event.LOG:
                self._log_event(event)
            case _Event.ERROR:
                text = self._library.rd_kafka_event_error_string(event) or b""
                self._on_error(KafkaError(self._library.rd_kafka_event_error(event), text.decode(errors="replace")))
        return None

    def _log_event(self, event: int) -> None:
        facility, text, level = ctypes.c_char_p(), ctypes.c_char_p(), ctypes.c_int()
        self._library.rd_kafka_event_log(event, *map(ctypes.byref, (facility, text, level)))
        words = [(word.value or b"").decode(errors="replace") for word in (facility, text)]
        self._log.log(_LEVELS[level.value] if level.value < len(_LEVELS) else logging.DEBUG, "%s %s", *words)


def _new_client(settings: Mapping[str, Setting], *, dies_at_once: bool) -> int:
    """The handle of a producer whose reports, errors and log come as events."""
    loaded, why = library(), ctypes.create_string_buffer(_TEXT_BYTES)
    config = loaded.rd_kafka_conf_new()
    for name, value in settings.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if loaded.rd_kafka_conf_set(config, name.encode(), text.encode(), why, _TEXT_BYTES):
            loaded.rd_kafka_conf_destroy(config)
            raise SettingRefused(f"the publisher's settings: {why.value.decode(errors='replace')}")
    if dies_at_once:
        loaded.rd_kafka_conf_set_socket_cb(config, OPEN_SOCKET)
    loaded.rd_kafka_conf_set_events(config, _Event.DELIVERY | _Event.LOG | _Event.ERROR)
    client = loaded.rd_kafka_new(_PRODUCER, config, why, _TEXT_BYTES)
    if client is None:
        loaded.rd_kafka_conf_destroy(config)
        raise SettingRefused(f"the publisher's settings: {why.value.decode(errors='replace')}")
    found: int = client
    return found


def _destroy(client: int, queue: int, topic: int) -> None:
    loaded: Any = library()
    loaded.rd_kafka_topic_destroy(topic)
    loaded.rd_kafka_queue_destroy(queue)
    loaded.rd_kafka_destroy(client)
