"""Messages straight from librdkafka's queue into columns, without a Python object for any of them.

The consumer is confluent-kafka's and keeps to its group and its callbacks; only what it fetches goes another way. Each
partition's queue is forwarded to one of ours, which is emptied by the same library's C functions, called from compiled
loops. A message that is no record, but reports a fault, is handed over as it is.
"""

import ctypes
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from confluent_kafka import Consumer, KafkaError

from dompet.schemas.compiled import call, compiled
from dompet.schemas.records import TIMESTAMP_MS_MAX, VALUE_BYTES_MAX, RawColumn, Records
from dompet.schemas.strings import Strings
from dompet.schemas.varints import PADDING, Bytes, Longs
from dompet.streams.kafka.faults import Reported
from dompet.streams.kafka.header_ids import schema_ids
from dompet.streams.kafka.librdkafka import handle, library
from dompet.streams.kafka.order import Order
from dompet.streams.kafka.order import warm_up as warm_up_order

CHUNK: Final = 4_096
"""Messages taken at once: few enough that their columns are made of them while the processor's cache holds them."""
_MESSAGE_BYTES: Final = 64
"""Of librdkafka's `rd_kafka_message_t`, what is looked at: eight words, in the order that `_describe` names."""
_LOW: Final = 0xFFFFFFFF
_FACTS: Final = 9
_LOG_APPEND_TIME: Final = 2
"""librdkafka's word for a time that the broker gave."""
_FIRST_BYTES: Final = 8_192
"""How large a message is taken to be while none was seen."""


class Read(NamedTuple):
    """What was read: records, what else was reported, and whether no more than this was there."""

    records: Records | None
    reported: list[Reported]
    drained: bool


class MessageQueue:
    """The records of a consumer's partitions of one topic. For one thread, which also polls the consumer."""

    def __init__(
        self,
        consumer: Consumer,
        topic: str,
        partition_count: int,
        message_bytes: int = _FIRST_BYTES,
        *,
        header_ids: bool = False,
    ) -> None:
        """`header_ids`: the records are to say which schema ids their headers name."""
        self._library = library()
        self._handle = handle(consumer)
        self._queue = self._library.rd_kafka_queue_new(self._handle)
        self._topic = topic.encode()
        self._partition_count = partition_count
        self._pointers = np.zeros(CHUNK, dtype=np.int64)
        self._message_bytes = message_bytes
        self._header_ids = header_ids
        self.own_time: tuple[int, int] | None = None
        """Where the first record was, by partition and offset, whose time the broker did not give."""
        self.order = Order(consumer, topic, partition_count)

    def begin(self, positions: Mapping[int, int]) -> None:
        """Have what is fetched of these partitions come here, from these offsets on. To be called before each
        assignment: the library may have dropped a partition's queue since the last one, and made another.
        """
        for partition, offset in positions.items():
            self.order.begin(partition, offset)
            theirs = self._library.rd_kafka_queue_get_partition(self._handle, self._topic, partition)
            self._library.rd_kafka_queue_forward(theirs, self._queue)
            self._library.rd_kafka_queue_destroy(theirs)

    def read(self, wanted: int, bytes_max: int, wait_s: float) -> Read:
        """What comes within the time: at most `wanted` (and CHUNK) messages, and not more than `bytes_max` if they are
        as large as the last ones. Behind a fault of a place nothing more of its partition comes.
        """
        wanted = max(min(wanted, CHUNK, bytes_max // self._message_bytes), 1)
        address = self._pointers.ctypes.data
        count = self._library.rd_kafka_consume_batch_queue(self._queue, int(wait_s * 1000), address, wanted)
        if count <= 0:
            return Read(None, [], True)
        pointers = self._pointers[:count]
        try:
            facts = np.empty((_FACTS + 1, count), dtype=np.int64)
            facts[_FACTS] = pointers
            _describe(pointers, *_addresses(), facts)
            reported = [self._reported(int(pointers[one]), facts[:, one]) for one in np.flatnonzero(facts[0])]
            facts = facts[:, facts[0] == 0] if reported else facts
            for one in reported:
                self.order.shut(one)
            good, faults = self.order.check(facts[1], facts[2])
            facts = facts if good.all() else facts[:, good]
            records = self._records(facts) if facts.size else None
            return Read(records, reported + faults, int(count) < wanted)
        finally:
            _destroy(pointers, _addresses()[2])

    def close(self) -> None:
        """To be called before the consumer is closed."""
        self._library.rd_kafka_queue_destroy(self._queue)

    def _reported(self, pointer: int, facts: Longs) -> Reported:
        code = ctypes.c_int32(int(facts[0])).value
        said = self._library.rd_kafka_message_errstr(pointer) or b""
        return Reported(
            KafkaError(code, said.decode(errors="replace")), ctypes.c_int32(int(facts[1])).value, int(facts[2])
        )

    def _records(self, facts: Longs) -> Records:
        _, partition, offset, stamp_ms, stamp_kind, key, key_bytes, value, value_bytes, pointers = facts
        if self.own_time is None and (own := np.flatnonzero(stamp_kind != _LOG_APPEND_TIME)).size:
            self.own_time = int(partition[own[0]]), int(offset[own[0]])
        self._message_bytes = max(int(key_bytes.sum() + value_bytes.sum()) // len(offset), 1)
        columns = _column(key, key_bytes), _column(value, value_bytes)
        stamp_us = stamp_ms.clip(-TIMESTAMP_MS_MAX, TIMESTAMP_MS_MAX) * 1000
        named = schema_ids(pointers, columns[1].strings) if self._header_ids else None
        places = partition.astype(np.int32), offset.copy(), stamp_us
        return Records(*places, *columns, self._partition_count, header_ids=named)


def warm_up() -> None:
    """Load the compiled loops."""
    none = np.zeros(0, dtype=np.int64)
    _describe(none, *_addresses(), np.zeros((_FACTS, 0), dtype=np.int64))
    _copy(none, none, _addresses()[0], np.zeros(0, dtype=np.uint8))
    _destroy(none, _addresses()[2])
    warm_up_order()


def _column(address: Longs, size: Longs) -> RawColumn:
    odd: dict[int, bytes | None] = {}
    for row in np.flatnonzero((address == 0) | (size > VALUE_BYTES_MAX)).tolist():
        odd[row] = ctypes.string_at(int(address[row]), int(size[row])) if address[row] else None
    length = size.copy()
    length[list(odd)] = 0
    start = np.cumsum(length) - length
    blob = np.zeros(int(length.sum()) + PADDING, dtype=np.uint8)
    _copy(address, length, _addresses()[0], blob)
    return RawColumn(Strings(blob, start, length), odd)


def _addresses() -> tuple[int, int, int]:
    """Where memcpy, rd_kafka_message_timestamp and rd_kafka_message_destroy are."""
    loaded = library()
    functions = (loaded.memcpy, loaded.rd_kafka_message_timestamp, loaded.rd_kafka_message_destroy)
    memcpy, timestamp, destroy = (ctypes.cast(one, ctypes.c_void_p).value or 0 for one in functions)
    return memcpy, timestamp, destroy


@compiled
def _describe(pointers: Longs, memcpy: int, timestamp: int, destroy: int, facts: Longs) -> None:
    """Of each message: its error, partition, offset, time in milliseconds, who gave it, and where key and value are."""
    message = np.empty(_MESSAGE_BYTES // 8, dtype=np.int64)
    kind = np.zeros(1, dtype=np.int32)
    for one in range(len(pointers)):
        call(memcpy, (message.ctypes.data, pointers[one], _MESSAGE_BYTES))
        error, _, partition, value, value_bytes, key, key_bytes, offset = message
        facts[0, one] = error & _LOW
        facts[1, one] = partition & _LOW
        facts[2, one] = offset
        facts[3, one] = call(timestamp, (pointers[one], kind.ctypes.data))
        facts[4, one] = kind[0]
        facts[5, one] = key
        facts[6, one] = key_bytes
        facts[7, one] = value
        facts[8, one] = value_bytes


@compiled
def _copy(address: Longs, length: Longs, memcpy: int, blob: Bytes) -> None:
    """What lies at each address, end to end."""
    to = np.int64(blob.ctypes.data)
    for row in range(len(address)):
        call(memcpy, (to, address[row], length[row]))
        to += length[row]


@compiled
def _destroy(pointers: Longs, destroy: int) -> None:
    """Give the messages back to the library."""
    for pointer in pointers:
        call(destroy, (pointer,))
