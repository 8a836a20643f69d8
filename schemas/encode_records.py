"""Records in Avro's binary form, written by compiled loops: the mirror of `varints.read_records`.

Only what is plainly within the limits is written here. A row with anything else in it, such as a letter beyond ASCII,
is left out, and whoever called judges it alone.
"""

from typing import Final

import numpy as np

from dompet.schemas.compiled import compiled
from dompet.schemas.limits import NIK_DIGITS
from dompet.schemas.varints import BOOLEAN, NULLABLE, STRING, Bytes, Flags, Longs, Words
from dompet.schemas.wire import HEADER_BYTES

LONG_BYTES_MAX: Final = 10
VALUE_AT: Final = 0
VALUE_BYTES: Final = 1
KEY_AT: Final = 2
KEY_BYTES: Final = 3
"""The rows of `spans`: where a record's value and its key begin, and how long they are."""

_ONE: Final = np.uint64(1)
_SIGN: Final = np.uint64(63)
_SEVEN: Final = np.uint64(7)
_LOW: Final = np.uint64(0x7F)
_TOP: Final = np.uint64(0x80)
_BYTE: Final = np.uint64(0xFF)
_DIGIT_ZERO: Final = np.uint64(ord("0"))
_TEN: Final = np.uint64(10)
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_SPACES: Final = np.uint64(0x2020202020202020)
_ONES: Final = np.uint64(0x0101010101010101)
_TOPS: Final = np.uint64(0x8080808080808080)


@compiled
def write_long(value: int, at: int, out: Bytes) -> int:
    """Write a long as a zigzag varint at a position; the position after it."""
    raw = np.uint64(value) << _ONE ^ np.uint64(value >> 63)
    while raw >= _TOP:
        out[at] = raw & _LOW | _TOP
        raw >>= _SEVEN
        at += 1
    out[at] = raw
    return at + 1


@compiled
def write_text(words: Words, start: int, size: int, least: np.uint64, at: int, out_words: Words) -> bool:
    """Copy a text, and up to a word more; whether all its bytes are at least the one that `least` repeats, and none is
    above the tilde.
    """
    odd = np.uint64(0)
    left = size
    while left > 0:
        word = words[start]
        if left < 8:
            mask = _ALL >> np.uint64(64 - 8 * left)
            word = word & mask | _SPACES & ~mask
        out_words[at] = word
        # A byte's top bit: of the first term where it is too low, of the second where it is 0x7F, else of its own.
        odd |= (word - least) & ~word | (word + _ONES) | word
        start, at, left = start + 8, at + 8, left - 8
    plain: bool = odd & _TOPS == np.uint64(0)
    return plain


@compiled
def is_national_id(words: Words, start: int, size: int) -> bool:
    """Whether a text has the form of a national id number."""
    digits = size == NIK_DIGITS
    for place in range(start, start + size if digits else start):
        digits &= (words[place] & _BYTE) - _DIGIT_ZERO < _TEN
    return digits


@compiled
def write_records(
    words: Words,
    rows: Longs,
    header: np.uint64,
    key_field: int,
    forms: Longs,
    columns: Longs,
    low: Longs,
    high: Longs,
    least: Words,
    starts: Longs,
    lengths: Longs,
    longs: Longs,
    present: Flags,
    good: Flags,
    at: int,
    out: Bytes,
    out_words: Words,
    spans: Longs,
) -> int:
    """Write the good ones of these rows as records of one schema, one after another from a position of `out` on.

    Of each field of the schema: its form, the column it is in (of `starts` and `lengths` for a string, else of `longs`
    and `present`), the bounds of its length in bytes or its value, and its least byte. A row that is not plainly within
    them is no longer good. The position after the last record.
    """
    for row in rows:
        if not good[row]:
            continue
        begin = at
        out_words[at] = header
        at += HEADER_BYTES
        for field in range(len(forms)):
            form, column = forms[field], columns[field]
            if form == STRING:
                start, size = starts[column, row], lengths[column, row]
                if size < low[field] or size > high[field]:
                    good[row] = False
                    break
                at = write_long(size, at, out)
                if not write_text(words, start, size, least[field], at, out_words):
                    good[row] = False
                    break
                if field == key_field:
                    good[row] = not is_national_id(words, start, size)
                    spans[KEY_AT, row], spans[KEY_BYTES, row] = at, size
                at += size
                continue
            if form == BOOLEAN:
                out[at] = longs[column, row]
                at += 1
                continue
            if form == NULLABLE:
                out[at] = 2 if present[column, row] else 0
                at += 1
                if not present[column, row]:
                    continue
            value = longs[column, row]
            if value < low[field] or value > high[field]:
                good[row] = False
                break
            at = write_long(value, at, out)
        spans[VALUE_AT, row], spans[VALUE_BYTES, row] = begin, at - begin
        if not good[row]:
            at = begin
    return at
