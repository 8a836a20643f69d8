"""Messages with headers, as librdkafka takes them one by one from a compiled loop: no object for any of them.

`rd_kafka_produce_batch` knows no headers. All messages of a batch have the same headers; the last one may be a number
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
from dompet.streams.kafka.batches import Report
from dompet.streams.kafka.librdkafka import library

BY_ITS_KEY: Final = -1
"""The partition of a message that goes where the partitioner of its producer says."""
_WORDS: Final = 9
"""Of librdkafka's `rd_kafka_vu_t`: what it is, and up to eight words of it."""
_TOPIC, _PARTITION, _VALUE, _KEY, _NUMBER, _FLAGS, _HEADER = 2, 3, 4, 5, 6, 7, 9
"""librdkafka's numbers for what a message is made of."""
_AT: Final = {_TOPIC: 0, _PARTITION: 1, _VALUE: 2, _KEY: 3, _NUMBER: 4, _FLAGS: 5}
"""Where each of them is among the parts; the compiled loop goes by these places."""
_HEADERS_FROM: Final = len(_AT)
_COPY: Final = 0x2
_DIGITS: Final = 20
_LOW: Final = 0xFFFFFFFF
_SIGN: Final = 0x80000000
_FULL: Final = KafkaError._QUEUE_FULL


class Headers:
    """Headers of messages. `numbered` is the name of one more, which has a number of each message's own."""

    def __init__(self, headers: Mapping[str, bytes], numbered: str = "") -> None:
        self._texts = [
            ctypes.create_string_buffer(text) for one in headers.items() for text in (one[0].encode(), one[1])
        ]
        self.numbered = bool(numbered)
        self.parts: NDArray[np.int64] = np.zeros((_HEADERS_FROM + len(headers) + self.numbered, _WORDS), dtype=np.int64)
        for kind, place in _AT.items():
            self.parts[place, 0] = kind
        self.parts[_AT[_FLAGS], 1] = _COPY
        self.parts[_HEADERS_FROM:, 0] = _HEADER
        for place, value in enumerate(headers.values(), _HEADERS_FROM):
            texts = self._texts[2 * (place - _HEADERS_FROM) :]
            self.parts[place, 1:4] = ctypes.addressof(texts[0]), ctypes.addressof(texts[1]), len(value)
        if numbered:
            self._texts.append(ctypes.create_string_buffer(numbered.encode()))
            self.parts[-1, 1] = ctypes.addressof(self._texts[-1])

    def produce(self, client: int, topic: int, key: bytes, value: bytes, number: int) -> int:
        """Hand over one message, to where its key belongs; librdkafka's code of what is wrong, 0 where nothing is."""
        loaded, parts = library(), self.parts
        parts[_AT[_TOPIC], 1], parts[_AT[_PARTITION], 1], parts[_AT[_NUMBER], 1] = topic, BY_ITS_KEY, number
        for place, text in ((_AT[_VALUE], value), (_AT[_KEY], key)):
            parts[place, 1] = ctypes.cast(ctypes.c_char_p(text), ctypes.c_void_p).value or 0
            parts[place, 2] = len(text)
        error = loaded.rd_kafka_produceva(client, parts.ctypes.data, len(parts))
        if not error:
            return 0
        code = int(loaded.rd_kafka_error_code(error))
        loaded.rd_kafka_error_destroy(error)
        return code


@dataclass(frozen=True)
class HeadedBatch:
    """Messages, a column a message, in the order in which they are handed over.

    `columns`: partition, start and length of key and of value, the header's number, the number in the report.
    `errors`: librdkafka's code where it refused a message, 0 elsewhere.
    """

    columns: Longs
    keys: Strings
    values: Strings
    headers: Headers
    errors: Longs

    @classmethod
    def of(
        cls,
        partition: Longs,
        keys: Strings,
        values: Strings,
        headers: Headers,
        header_numbers: Longs | None = None,
        first_number: int = 0,
    ) -> "HeadedBatch":
        """The messages in their order, each partition's together; numbered in their order from `first_number` on."""
        numbers = np.arange(first_number, first_number + len(partition))
        own = numbers if header_numbers is None else header_numbers
        spans = (keys.start, keys.length, values.start, values.length)
        columns = np.array([partition, *spans, own, numbers], dtype=np.int64)
        columns = np.ascontiguousarray(columns[:, np.argsort(partition, kind="stable")])
        return cls(columns, keys, values, headers, np.zeros(len(partition), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.errors)

    @property
    def refused(self) -> Report:
        """The messages that have an error, once all were handed over."""
        places = np.flatnonzero(self.errors)
        return Report(self.columns[-1, places], self.errors[places])

    def produce(self, client: int, topic: int, done: int, *, stops: bool = False) -> int:
        """Hand over the messages from this place on; the place up to which that is done: where the queue is full.

        `stops`: also where a message is refused, which `errors` says; or else that one counts as done.
        """
        loaded, parts = library(), self.headers.parts
        functions = (loaded.rd_kafka_produceva, loaded.rd_kafka_error_code, loaded.rd_kafka_error_destroy)
        produce, code_of, destroy = (ctypes.cast(one, ctypes.c_void_p).value or 0 for one in functions)
        parts[_AT[_TOPIC], 1] = topic
        digits = np.zeros(_DIGITS if self.headers.numbered else 0, dtype=np.uint8)
        blobs = self.keys.blob.ctypes.data, self.values.blob.ctypes.data
        columns, errors = self.columns, self.errors
        return int(_produce(client, produce, code_of, destroy, columns, *blobs, parts, digits, errors, done, stops))


def warm_up() -> None:
    """Load the compiled loop."""
    none = np.zeros((7, 0), dtype=np.int64)
    _produce(0, 0, 0, 0, none, 0, 0, Headers({}).parts, np.zeros(0, dtype=np.uint8), none[0], 0, False)


@compiled
def _produce(
    client: int,
    produce: int,
    code_of: int,
    destroy: int,
    columns: Longs,
    keys: int,
    values: int,
    parts: NDArray[np.int64],
    digits: Bytes,
    errors: Longs,
    done: int,
    stops: bool,
) -> int:
    last = len(parts) - 1
    for row in range(done, len(errors)):
        parts[1, 1] = columns[0, row]
        parts[3, 1], parts[3, 2] = keys + columns[1, row], columns[2, row]
        parts[2, 1], parts[2, 2] = values + columns[3, row], columns[4, row]
        parts[4, 1] = columns[6, row]
        if len(digits):
            left, at = columns[5, row], len(digits)
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
            if code == _FULL and not stops:
                return row
            errors[row] = code
            if stops:
                return row
    return len(errors)
