"""Records in Avro's binary form, read by compiled loops, and the words that such loops read bytes by.

An Avro long is a zigzag varint: seven bits a byte, lowest first, the top bit set on all but the last. A string is its
length as a long, then its bytes; a boolean one byte; a union of null and long the branch, then the long where it is 1.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dompet.schemas.compiled import compiled

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

PADDING: Final = 16
"""Zero bytes that must follow the last record, so that a word may be loaded at any position within it."""

STRING: Final = 0
LONG: Final = 1
NULLABLE: Final = 2
BOOLEAN: Final = 3
"""The forms in which a field is encoded."""

_ZERO: Final = np.uint64(0)
_ONE: Final = np.uint64(1)
_TWO: Final = np.uint64(2)
_SEVEN: Final = np.uint64(7)
_TENTH: Final = np.uint64(63)
_LOW: Final = np.uint64(0x7F)
_TOP: Final = np.uint64(0x80)
_BYTE: Final = np.uint64(0xFF)


def words_at_any_byte(blob: Bytes, writable: bool = False) -> Words:
    """`blob` seen as the little-endian 64-bit word that starts at each of its bytes (no copy)."""
    words: Words = np.ndarray((max(len(blob) - 7, 0),), dtype="<u8", buffer=blob.data, strides=(1,))
    words.flags.writeable = writable  # compiled loops are compiled again for what may be written
    return words


@compiled
def read_long(words: Words, position: int, end: int) -> tuple[int, int, bool]:
    """The long at `position`, the position after it, and whether it is whole and canonical.

    Where it is not (runs past `end`, is longer than it need be, or exceeds 64 bits) it is 0, and the position after it
    is `end`.
    """
    raw, shift, at = _ZERO, _ZERO, position
    while at < end and shift <= _TENTH:
        byte = words[at] & _BYTE
        at += 1
        raw |= (byte & _LOW) << shift
        if byte < _TOP:
            if (byte == _ZERO and shift > _ZERO) or (shift == _TENTH and byte != _ONE):
                break
            number: int = np.int64(raw >> _ONE) ^ -np.int64(raw & _ONE)  # type: ignore[assignment]
            return number, at, True
        shift += _SEVEN
    return 0, end, False


@compiled
def read_records(
    words: Words,
    rows: Longs,
    position: Longs,
    end: Longs,
    forms: Longs,
    columns: Longs,
    low: Longs,
    high: Longs,
    starts: Longs,
    lengths: Longs,
    longs: Longs,
    present: Flags,
    good: Flags,
) -> None:
    """Read records of one schema, each from its `position` to its `end`, into columns of the whole batch.

    Of each field of the schema: its form, the column it goes to (of `starts` and `lengths` for a string, else of
    `longs` and `present`), and the bounds of its length in bytes or its value, both included. What is read of a record
    that is not good means nothing, but every string lies within the record.
    """
    for which in range(len(rows)):
        row, at, stop, whole = rows[which], position[which], end[which], True
        for field in range(len(forms)):
            form, column = forms[field], columns[field]
            if form == STRING:
                value, at, fine = read_long(words, at, stop)
                if not fine or value < low[field] or value > high[field] or value > stop - at:
                    whole = False
                    break
                starts[column, row], lengths[column, row] = at, value
                at += value
                continue
            if form != LONG:
                branch = words[at] & _BYTE
                if at >= stop or branch > (_ONE if form == BOOLEAN else _TWO):
                    whole = False
                    break
                at += 1
                if form == BOOLEAN:
                    longs[column, row] = branch
                    continue
                if branch == _ZERO:
                    continue
                if branch == _ONE:
                    whole = False
                    break
                present[column, row] = True
            value, at, fine = read_long(words, at, stop)
            if not fine or value < low[field] or value > high[field]:
                whole = False
                break
            longs[column, row] = value
        good[row] = whole and at == stop
