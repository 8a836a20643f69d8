"""Records in Avro's binary form, written by compiled loops: the mirror of `varints.read_records`.

Only what is plainly within the limits is written here. A row with anything else in it, such as a letter beyond ASCII,
is left out, to be judged alone.
"""

from typing import Final, NamedTuple

import numpy as np

from dompet.schemas.compiled import compiled
from dompet.schemas.limits import NIK_DIGITS
from dompet.schemas.varints import BOOLEAN, LONG, STRING, Bytes, Flags, Longs, Words
from dompet.schemas.wire import HEADER_BYTES

ALONE: Final = -1
"""The type of a row that is not written here."""

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


FORM, COLUMN, LOW, HIGH, LEAST, IS_KEY, FACTS = range(7)
"""What a plan says of a field: its form, the column it is in, the bounds of its length in bytes or its value, its least
byte, and whether it is the record's key.
"""


class Plan(NamedTuple):
    """How the records of some types are written: of each type, by its number, the header as a word and how many fields
    it has; and the facts of its fields, in as many rows as the type with the most fields needs.

    One table of facts: what is known of a field then lies in one line of the processor's cache.
    """

    headers: Words
    counts: Longs
    fields: Longs


@compiled
def write_records(
    plan: Plan,
    kinds: Longs,
    words: Words,
    starts: Longs,
    lengths: Longs,
    longs: Longs,
    present: Flags,
    out: Bytes,
    out_words: Words,
    spans: Longs,
) -> int:
    """Write rows as records, one after another from the beginning of `out` on; the position after the last of them.

    A string is a span of `starts` and `lengths`, every other value one of `longs` and `present`. `kinds` has the number
    of each row's type; a row of ALONE is passed over. A row that is not plainly within the limits of its type is not
    written, and becomes one.
    """
    headers, counts, fields = plan
    at, width = 0, len(fields) // max(len(counts), 1)
    for row in range(len(kinds)):
        kind, begin, whole = kinds[row], at, True
        if kind == ALONE:
            continue
        out_words[at] = headers[kind]
        at += HEADER_BYTES
        for field in range(kind * width, kind * width + counts[kind]):
            form, column = fields[field, FORM], fields[field, COLUMN]
            if form == STRING:
                start, value = starts[column, row], lengths[column, row]
            else:
                start, value = 0, longs[column, row]
                if form != LONG:
                    out[at] = value if form == BOOLEAN else 2 * present[column, row]
                    at += 1
                    if form == BOOLEAN or not present[column, row]:
                        continue
            whole = fields[field, LOW] <= value <= fields[field, HIGH]
            if not whole:
                break
            at = write_long(value, at, out)
            if form == STRING:
                whole = write_text(words, start, value, np.uint64(fields[field, LEAST]), at, out_words)
                if fields[field, IS_KEY]:
                    spans[KEY_AT, row], spans[KEY_BYTES, row] = at, value
                    whole &= not is_national_id(words, start, value)
                if not whole:
                    break
                at += value
        spans[VALUE_AT, row], spans[VALUE_BYTES, row] = begin, at - begin
        if not whole:
            kinds[row], at = ALONE, begin
            spans[:, row] = 0
    return at
