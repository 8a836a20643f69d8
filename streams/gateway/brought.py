"""What requests bring: inputs one by one, or a block of them in columns, whose bytes compiled loops read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from dompet.schemas.compiled import compiled
from dompet.schemas.encode import Encoded
from dompet.schemas.hints import event_id_of
from dompet.schemas.strings import Strings
from dompet.schemas.varints import Bytes, Flags, Longs, Words, read_long, words_at_any_byte
from dompet.schemas.wire import HEADER_BYTES

_PLAIN: Final = np.array([chr(byte).isprintable() and chr(byte) not in '"\\' for byte in range(128)] + 128 * [False])
"""Of each byte, whether a string of JSON has it as it is."""


class Input(NamedTuple):
    """One input: the record of an event, or its `fault` and no record."""

    event_id: str | None
    publisher_id: str
    key: bytes
    value: bytes
    fault: str


@dataclass(frozen=True)
class EventColumns:
    """Inputs in columns, a row an input. `faulty` has the line of each row that is no event."""

    encoded: Encoded
    faulty: Mapping[int, bytes]
    event_ids: Strings
    publisher_ids: Strings
    plain: Flags
    """Whether it is an event, whose event_id is in JSON what it is in bytes, between quotes."""

    @classmethod
    def of(cls, encoded: Encoded, faulty: Mapping[int, bytes]) -> "EventColumns":
        """The columns of values that were written here, so that the first fields lie where they do in every type."""
        values = encoded.values
        spans, plain = np.zeros((4, len(values)), dtype=np.int64), np.zeros(len(values), dtype=np.bool_)
        _read(values.blob, words_at_any_byte(values.blob), values.start, values.length, spans, plain)
        ids = Strings(values.blob, spans[0], spans[1]), Strings(values.blob, spans[2], spans[3])
        return cls(encoded, faulty, *ids, plain)

    def __len__(self) -> int:
        return len(self.encoded)

    def input(self, row: int) -> Input:
        """One row, without its record."""
        if row in self.faulty:
            return Input(event_id_of(self.faulty[row]), "", b"", b"", str(self.encoded.faults[row]))
        return Input(_text(self.event_ids, row), _text(self.publisher_ids, row), b"", b"", "")

    def said_by(self, publisher_id: str) -> Flags:
        """Which rows are events of this publisher."""
        ids, own = self.publisher_ids, np.frombuffer(publisher_id.encode(), dtype=np.uint8)
        found = np.zeros(len(self), dtype=np.bool_)
        _are(ids.blob, ids.start, ids.length, own, found)
        return found


Inputs = list[Input] | EventColumns


def has_faults(inputs: Inputs) -> bool:
    """Whether one of them is no event."""
    return bool(inputs.faulty) if isinstance(inputs, EventColumns) else any(one.fault for one in inputs)


def _text(strings: Strings, row: int) -> str:
    start = int(strings.start[row])
    return strings.blob[start : start + int(strings.length[row])].tobytes().decode()


@compiled
def _read(blob: Bytes, words: Words, start: Longs, length: Longs, spans: Longs, plain: Flags) -> None:
    """Where event_id and publisher_id are in each value that there is."""
    for row in range(len(start)):
        if length[row] == 0:
            continue
        at, end = start[row] + HEADER_BYTES, start[row] + length[row]
        size, at, _ = read_long(words, at, end)
        spans[0, row], spans[1, row] = at, size
        simple = True
        for place in range(at, at + size):
            simple &= _PLAIN[blob[place]]
        plain[row] = simple
        size, at, _ = read_long(words, at + size, end)  # beneficiary_id
        _, at, _ = read_long(words, at + size, end)  # occurred_at
        size, at, _ = read_long(words, at, end)
        spans[2, row], spans[3, row] = at, size


@compiled
def _are(blob: Bytes, start: Longs, length: Longs, wanted: Bytes, found: Flags) -> None:
    """Which strings are the wanted one; an empty one is none."""
    for row in range(len(start)):
        same = length[row] == len(wanted) and length[row] > 0
        place = 0
        while same and place < len(wanted):
            same = blob[start[row] + place] == wanted[place]
            place += 1
        found[row] = same
