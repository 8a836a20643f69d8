"""Avro's integers, read from many records at once.

An Avro long is a zigzag varint: seven bits a byte, lowest first, the top bit set on all but the last. Here one is read
from each of many positions of one byte buffer, in a fixed number of array operations: eight bytes are loaded as one
word, the first byte without its top bit ends the number, and three shifts close the gaps between the groups of seven.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

PADDING: Final = 16
"""Zero bytes that must follow the last record, so that a word may be loaded at any position within it."""

_TOP = np.uint64(0x8080808080808080)
_LOW = np.uint64(0x7F7F7F7F7F7F7F7F)
_ONE = np.uint64(1)
_GAPS: Final = tuple(
    (np.uint64(keep), np.uint64(move), np.uint64(by))
    for keep, move, by in (
        (0x007F007F007F007F, 0x7F007F007F007F00, 1),
        (0x00003FFF00003FFF, 0x3FFF00003FFF0000, 2),
        (0x000000000FFFFFFF, 0x0FFFFFFF00000000, 4),
    )
)


def words_at_any_byte(blob: Bytes) -> Words:
    """`blob` seen as the little-endian 64-bit word that starts at each of its bytes (no copy)."""
    return np.ndarray((max(len(blob) - 7, 0),), dtype="<u8", buffer=blob.data, strides=(1,))


def read_longs(blob: Bytes, words: Words, position: Longs, end: Longs) -> tuple[Longs, Longs, Flags]:
    """The long at each `position`, the position after it, and whether it is whole and canonical.

    Where it is not (runs past `end`, is longer than it need be, or exceeds 64 bits) the value means nothing and the
    position after it is `end`.
    """
    window = words[position]
    stops = ~window & _TOP
    lowest = stops & (~stops + _ONE)
    raw = window & _LOW & (lowest - _ONE)
    for keep, move, by in _GAPS:
        raw = (raw & keep) | ((raw & move) >> by)
    size = (np.bitwise_count(lowest - _ONE).astype(np.int64) + 1) >> 3
    last = (raw >> (7 * (size - 1)).clip(0, 56).astype(np.uint64)).astype(np.uint8)
    good = (last != 0) | (size == 1)
    long = np.flatnonzero(stops == 0)
    if len(long):
        raw[long], size[long], good[long] = _over_eight_bytes(blob, raw[long], position[long])
    after = position + size
    good &= after <= end
    value = (raw >> _ONE).view(np.int64) ^ -(raw & _ONE).view(np.int64)
    return value, np.where(good, after, end), good


def _over_eight_bytes(blob: Bytes, raw: Words, position: Longs) -> tuple[Words, Longs, Flags]:
    """Varints of nine or ten bytes, whose first eight hold `raw`; the tenth may hold the 64th bit alone."""
    ninth, tenth = blob[position + 8], blob[position + 9]
    nine = ninth < 0x80
    raw = raw | (ninth & 0x7F).astype(np.uint64) << np.uint64(56)
    raw = np.where(nine, raw, raw | tenth.astype(np.uint64) << np.uint64(63))
    return raw, np.where(nine, 9, 10).astype(np.int64), np.where(nine, ninth != 0, tenth == 1)


def read_lengths(blob: Bytes, words: Words, position: Longs, end: Longs) -> tuple[Longs, Longs, Flags]:
    """As `read_longs`, for the lengths of strings, which nearly always have one byte."""
    first = blob[position]
    if (first < 0x80).all():
        good = (first & 1 == 0) & (position < end)
        return (first >> 1).astype(np.int64), np.where(good, position + 1, end), good
    value, after, good = read_longs(blob, words, position, end)
    good &= value >= 0
    return value, after, good
