"""Messages as librdkafka's batch producing takes them, and what it reports of them: one array each, no objects."""

import ctypes
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dompet.schemas.compiled import call, compiled
from dompet.schemas.encode import Encoded
from dompet.schemas.partitions import partitions_of
from dompet.schemas.varints import Longs
from dompet.streams.kafka.librdkafka import library

_WORDS: Final = 9
_ERROR: Final = 0
_PARTITION: Final = 2
_VALUE: Final = 3
_KEY: Final = 5
_OFFSET: Final = 7
_NUMBER: Final = 8
"""Of librdkafka's `rd_kafka_message_t`: its size in words of 64 bits, and which of them are what. The length of a value
or a key follows its address, and the number is what a message's report will have of it.
"""
_LOW: Final = 0xFFFFFFFF
_SIGN: Final = 0x80000000
_NO_PLACES: Final = np.full((2, 0), -1, dtype=np.int64)


class Report(NamedTuple):
    """What became of messages: their numbers, and librdkafka's code of what went wrong with each, 0 where nothing.

    `places`: the partition and the offset of each, where a broker said them.
    """

    numbers: Longs
    errors: Longs
    places: Longs = _NO_PLACES


@dataclass(frozen=True)
class Batch:
    """Messages, a row a message, over the bytes of `encoded`; by partition, and in the given order in each."""

    messages: Longs
    encoded: Encoded

    @classmethod
    def of(cls, encoded: Encoded, rows: Longs, partition_count: int, first_number: int) -> "Batch":
        """The events of these rows, in their order, numbered from `first_number` on."""
        keys, values = encoded.keys.take(rows), encoded.values.take(rows)
        partition = partitions_of(keys, partition_count)
        # One partition after another: to find another partition's queue costs as much as the rest of producing.
        order = np.argsort(partition.astype(np.uint16) if partition_count <= 0xFFFF else partition, kind="stable")
        messages = np.zeros((len(rows), _WORDS), dtype=np.int64)
        messages[:, _PARTITION] = partition[order]
        for word, strings in ((_VALUE, values), (_KEY, keys)):
            messages[:, word] = strings.start[order] + strings.blob.ctypes.data
            messages[:, word + 1] = strings.length[order]
        messages[:, _NUMBER] = order + first_number
        return cls(messages, encoded)

    def place_of(self, error: int, since: int) -> int:
        """The first place from one on that has this error; the end where none has."""
        places = np.flatnonzero(self._errors[since:] == error)
        return since + int(places[0]) if len(places) else len(self.messages)

    @property
    def refused(self) -> Report:
        """The messages with an error, once all were handed over."""
        places = np.flatnonzero(self._errors)
        return Report(self.messages[places, _NUMBER], self._errors[places].astype(np.int64))

    @property
    def _errors(self) -> NDArray[np.int32]:
        return self.messages.view(np.int32)[:, _ERROR]


def read_outcomes(pointers: Longs) -> Report:
    """The report of the messages at these addresses."""
    numbers, errors, *_ = found = np.empty((4, len(pointers)), dtype=np.int64)
    _read_outcomes(pointers, ctypes.cast(library().memcpy, ctypes.c_void_p).value or 0, found)
    return Report(numbers, errors, found[2:])


@compiled
def _read_outcomes(pointers: Longs, memcpy: int, found: Longs) -> None:
    message = np.empty(_WORDS, dtype=np.int64)
    for one in range(len(pointers)):
        call(memcpy, (message.ctypes.data, pointers[one], 8 * _WORDS))
        found[0, one] = message[_NUMBER]
        found[1, one] = ((message[_ERROR] & _LOW) ^ _SIGN) - _SIGN
        found[2, one] = message[_PARTITION] & _LOW
        found[3, one] = message[_OFFSET]
