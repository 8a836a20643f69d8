"""Messages with headers, as librdkafka takes them one by one from a compiled loop: no object for any of them.

`rd_kafka_produce_batch` knows no headers. All messages of a batch have the same headers, but for the last one: a number
of the message's own, in decimal digits.
"""

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from confluent_kafka import KafkaError
from numpy.typing import NDArray

from dompet.schemas.compiled import call, compiled
from dompet.schemas.strings import Strings
from dompet.schemas.varints import Bytes, Longs
from dompet.streams.kafka.librdkafka import library

_WORDS: Final = 9
"""Of librdkafka's `rd_kafka_vu_t`: what it is, and up to eight words of it."""
_TOPIC, _PARTITION, _VALUE, _KEY, _FLAGS, _HEADER = 2, 3, 4, 5, 7, 9
"""librdkafka's numbers for what a message is made of."""
_AT: Final = {_TOPIC: 0, _PARTITION: 1, _VALUE: 2, _KEY: 3, _FLAGS: 4}
"""Where each of them is among the parts; the compiled loop goes by these places."""
_HEADERS_FROM: Final = len(_AT)
_COPY: Final = 0x2
_DIGITS: Final = 20
_LOW: Final = 0xFFFFFFFF
_SIGN: Final = 0x80000000
_FULL: Final = KafkaError._QUEUE_FULL


@dataclass(frozen=True)
class HeadedBatch:
    """Messages, a row a message, in the order in which they are handed over."""

    partition: Longs
    keys: Strings
    values: Strings
    header_numbers: Longs
    errors: Longs
    """librdkafka's code where it refused a message, 0 elsewhere."""
    parts: NDArray[np.int64]
    bound: tuple[ctypes.Array[ctypes.c_char], ...]
    """The texts to which `parts` points."""

    @classmethod
    def of(
        cls,
        partition: Longs,
        keys: Strings,
        values: Strings,
        headers: Mapping[str, bytes],
        header_numbers: tuple[str, Longs],
    ) -> "HeadedBatch":
        """The messages in their order, each partition's together. `headers` are all messages' own, and each has one
        more of this name with its number.
        """
        order = np.argsort(partition, kind="stable")
        name, numbers = header_numbers
        bound = [ctypes.create_string_buffer(text) for one in headers.items() for text in (one[0].encode(), one[1])]
        bound.append(ctypes.create_string_buffer(name.encode()))
        parts = np.zeros((_HEADERS_FROM + len(headers) + 1, _WORDS), dtype=np.int64)
        for kind, place in _AT.items():
            parts[place, 0] = kind
        parts[_AT[_FLAGS], 1] = _COPY
        parts[_HEADERS_FROM:, 0] = _HEADER
        for place, value in enumerate(headers.values(), _HEADERS_FROM):
            texts = bound[2 * (place - _HEADERS_FROM) :]
            parts[place, 1:4] = ctypes.addressof(texts[0]), ctypes.addressof(texts[1]), len(value)
        parts[-1, 1] = ctypes.addressof(bound[-1])
        none = np.zeros(len(order), dtype=np.int64)
        taken = partition[order], keys.take(order), values.take(order), numbers[order]
        return cls(*taken, none, parts, tuple(bound))

    def __len__(self) -> int:
        return len(self.partition)

    @property
    def refused(self) -> Longs:
        """The errors of the messages that have one, once all were handed over."""
        found: Longs = self.errors[self.errors != 0]
        return found

    def produce(self, client: int, topic: int, done: int) -> int:
        """Hand over the messages from this place on; the place up to which that is done: where the queue is full."""
        loaded = library()
        functions = (loaded.rd_kafka_produceva, loaded.rd_kafka_error_code, loaded.rd_kafka_error_destroy)
        produce, code_of, destroy = (ctypes.cast(one, ctypes.c_void_p).value or 0 for one in functions)
        self.parts[_AT[_TOPIC], 1] = topic
        digits = np.zeros(_DIGITS, dtype=np.uint8)
        columns = (self.partition, self.keys.start, self.keys.length, self.values.start, self.values.length)
        blobs = self.keys.blob.ctypes.data, self.values.blob.ctypes.data
        functions_at = produce, code_of, destroy
        numbers, errors = self.header_numbers, self.errors
        return int(_produce(client, *functions_at, *columns, *blobs, numbers, self.parts, digits, errors, done))


def warm_up() -> None:
    """Load the compiled loop."""
    none, parts = np.zeros(0, dtype=np.int64), np.zeros((0, _WORDS), dtype=np.int64)
    _produce(0, 0, 0, 0, none, none, none, none, none, 0, 0, none, parts, np.zeros(0, dtype=np.uint8), none, 0)


@compiled
def _produce(
    client: int,
    produce: int,
    code_of: int,
    destroy: int,
    partition: Longs,
    key_start: Longs,
    key_length: Longs,
    value_start: Longs,
    value_length: Longs,
    keys: int,
    values: int,
    header_numbers: Longs,
    parts: NDArray[np.int64],
    digits: Bytes,
    errors: Longs,
    done: int,
) -> int:
    last = len(parts) - 1
    for row in range(done, len(partition)):
        parts[1, 1] = partition[row]
        parts[2, 1], parts[2, 2] = values + value_start[row], value_length[row]
        parts[3, 1], parts[3, 2] = keys + key_start[row], key_length[row]
        left, at = header_numbers[row], len(digits)
        while True:
            at -= 1
            digits[at] = 48 + left % 10
            left //= 10
            if left == 0:
                break
        parts[last, 2], parts[last, 3] = digits.ctypes.data + at, len(digits) - at
        error = call(produce, (client, parts.ctypes.data, len(parts)))
        if error:
            code = ((call(code_of, (error,)) & _LOW) ^ _SIGN) - _SIGN
            call(destroy, (error,))
            if code == _FULL:
                return row
            errors[row] = code
    return len(partition)
