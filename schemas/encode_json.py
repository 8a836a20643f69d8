"""Lines of JSON read by compiled loops, as far as they are plain.

Plain is: one object, whose names are an event's; its strings ASCII, their escapes too; whole numbers of at most 18
digits; times as `encode_times` reads them, or whole numbers. Whatever else a line is, `json_lines` reads it: what is
taken here means the same there (a property test holds the two equal).
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dompet.schemas.compiled import compiled
from dompet.schemas.encode_records import ALONE
from dompet.schemas.encode_times import read_time
from dompet.schemas.varints import BOOLEAN, NULLABLE, STRING, Bytes, Longs, Words

TIME: Final = BOOLEAN + 1
TYPE: Final = BOOLEAN + 2
"""Forms beside those on the wire: a time, and the name of the event's type."""

NOT_PLAIN: Final = ALONE
DIGITS_MAX: Final = 18

_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_FOUR_BYTES: Final = np.uint64(0xFFFFFFFF)
_ONES: Final = np.uint64(0x0101010101010101)
_TOPS: Final = np.uint64(0x8080808080808080)
_QUOTES: Final = np.uint64(0x2222222222222222)
_BACKSLASHES: Final = np.uint64(0x5C5C5C5C5C5C5C5C)
_SPACES: Final = np.uint64(0x2020202020202020)
_NONE: Final = np.uint64(0)
_QUOTE, _COLON, _COMMA, _OPEN, _CLOSE, _BACKSLASH, _MINUS = (ord(one) for one in '":,{}\\-')
_SPACE, _TAB, _RETURN, _ZERO, _U, _DELETE = (ord(one) for one in " \t\r0u\x7f")
_TRUE, _FALSE, _NULL = (np.uint64(int.from_bytes(word, "little")) for word in (b"true", b"alse", b"null"))
_NO_ASCII: Final = 0x80
_NO_DIGIT: Final = 16


def _table(size: int, otherwise: int, known: dict[str, int]) -> NDArray[np.int64]:
    table = np.full(size, otherwise, dtype=np.int64)
    for character, value in known.items():
        table[ord(character)] = value
    return table


_ESCAPED: Final = _table(256, _NO_ASCII, dict(zip('"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True)))
_HEXADECIMAL: Final = _table(256, _NO_DIGIT, {digit: int(digit, 16) for digit in "0123456789abcdefABCDEF"})


class Names(NamedTuple):
    """Names to be recognised: their bytes as words, a column a name, and how many bytes each has."""

    words: Words
    sizes: Longs


@compiled
def trim(data: Bytes, starts: Longs, ends: Longs) -> None:
    """Take the blanks from both ends of each line, those that `bytes.strip` takes."""
    for row in range(len(starts)):
        start, end = starts[row], ends[row]
        while start < end and (data[start] == _SPACE or _TAB <= data[start] <= _RETURN):
            start += 1
        while start < end and (data[end - 1] == _SPACE or _TAB <= data[end - 1] <= _RETURN):
            end -= 1
        starts[row], ends[row] = start, end


@compiled
def _skip(data: Bytes, at: int) -> int:
    """The position after JSON's blanks."""
    while data[at] == _SPACE or data[at] == _TAB or data[at] == _RETURN:
        at += 1
    return at


@compiled
def _is(words: Words, at: int, size: int, names: Words, which: int) -> bool:
    """Whether so many bytes are the name of this number, which has as many."""
    place = 0
    while size > 0:
        mask = _ALL if size >= 8 else _ALL >> np.uint64(64 - 8 * size)
        if words[at] & mask != names[place, which]:
            return False
        at, size, place = at + 8, size - 8, place + 1
    return True


@compiled
def _find(words: Words, at: int, size: int, guess: int, names: Words, sizes: Longs) -> int:
    """The number of the name that these bytes are, first of all the guess; NOT_PLAIN where there is none."""
    if sizes[guess] == size and _is(words, at, size, names, guess):
        return guess
    for which in range(len(sizes)):
        if sizes[which] == size and _is(words, at, size, names, which):
            return which
    return NOT_PLAIN


@compiled
def _read_string(data: Bytes, words: Words, at: int) -> tuple[int, int]:
    """The length of the string whose opening quote is before a position, where it is then written without its escapes,
    and the position after its closing quote; NOT_PLAIN as the length where it is not.
    """
    start = at
    while True:
        word = words[at]
        quotes, backslashes = word ^ _QUOTES, word ^ _BACKSLASHES
        odd = (quotes - _ONES) & ~quotes | (backslashes - _ONES) & ~backslashes | (word - _SPACES) & ~word | word
        if odd & _TOPS != _NONE:
            break
        at += 8
    while _SPACE <= data[at] <= _DELETE and data[at] != _QUOTE and data[at] != _BACKSLASH:
        at += 1
    if data[at] == _QUOTE:
        return at - start, at + 1
    return _unescape(data, start, at) if data[at] == _BACKSLASH else (NOT_PLAIN, at)


@compiled
def _unescape(data: Bytes, start: int, at: int) -> tuple[int, int]:
    """`_read_string` from the first escape on."""
    to = at
    while data[at] != _QUOTE:
        value: Any = np.int64(data[at])
        at += 1
        if value == _BACKSLASH:
            value = _ESCAPED[data[at]]
            if data[at] == _U:
                value = 0
                for place in range(at + 1, at + 5):
                    value = value << 4 | _HEXADECIMAL[data[place]] | (_HEXADECIMAL[data[place]] & _NO_DIGIT) << 16
                at += 4
            at += 1
        elif value < _SPACE:
            value = _NO_ASCII
        if value >= _NO_ASCII:
            return NOT_PLAIN, at
        data[to] = value
        to += 1
    return to - start, at + 1


@compiled
def _read_whole(data: Bytes, at: int) -> tuple[int, int]:
    """The whole number at a position, and the position after it; NOT_PLAIN as that where there is none."""
    negative = data[at] == _MINUS
    at += negative
    value: Any = 0
    begin = at
    while 0 <= np.int64(data[at]) - _ZERO <= 9 and at - begin <= DIGITS_MAX:
        value = value * 10 + np.int64(data[at]) - _ZERO
        at += 1
    digits = at - begin
    if not 1 <= digits <= DIGITS_MAX or (digits > 1 and data[begin] == _ZERO):
        return 0, NOT_PLAIN
    return -value if negative else value, at


@compiled
def _read_number(data: Bytes, words: Words, at: int, form: int) -> tuple[int, bool, int]:
    """A value that is no string: as a long, whether it is not null, and the position after it, or NOT_PLAIN."""
    word = words[at] & _FOUR_BYTES
    if form == BOOLEAN:
        if word == _TRUE:
            return 1, True, at + 4
        return 0, True, at + 5 if data[at] == ord("f") and words[at + 1] & _FOUR_BYTES == _FALSE else NOT_PLAIN
    if form == NULLABLE and word == _NULL:
        return 0, False, at + 4
    if form == TIME and data[at] == _QUOTE:
        micros, after = read_time(data, at + 1)
        return micros, True, after
    value, after = _read_whole(data, at)
    return value, True, after


@compiled
def _read_line(
    data: Bytes,
    words: Words,
    row: int,
    at: int,
    end: int,
    fields: Any,
    types: Any,
    shapes: Longs,
    masks: Longs,
    guesses: Longs,
    targets: Any,
) -> int:
    """Read one line into its row: the number of its type, or NOT_PLAIN."""
    starts, lengths, longs, present = targets
    seen, kind, before, following = 0, NOT_PLAIN, len(fields[1]), data[at] == _OPEN
    while following:
        at = _skip(data, at + 1)
        if data[at] != _QUOTE:
            return NOT_PLAIN
        begin = at + 1
        size, at = _read_string(data, words, begin)
        field = _find(words, begin, size, guesses[before], fields[0], fields[1])
        at = _skip(data, at)
        if size < 0 or field < 0 or seen >> field & 1 or data[at] != _COLON:
            return NOT_PLAIN
        seen |= 1 << field
        guesses[before], before = field, field
        at = _skip(data, at + 1)
        form, column = shapes[0, field], shapes[1, field]
        if form in (STRING, TYPE):
            begin = at + 1
            size, at = _read_string(data, words, begin) if data[at] == _QUOTE else (NOT_PLAIN, at)
            if size < 0:
                return NOT_PLAIN
            if form == TYPE:
                kind = _find(words, begin, size, 0, types[0], types[1])
            else:
                starts[column, row], lengths[column, row] = begin, size
        else:
            longs[column, row], present[column, row], at = _read_number(data, words, at, form)
            if at < 0:
                return NOT_PLAIN
        at = _skip(data, at)
        following = data[at] == _COMMA
    whole = data[at] == _CLOSE and at + 1 == end and kind >= 0
    return kind if whole and seen & masks[0, kind] == masks[0, kind] and seen & ~masks[1, kind] == 0 else NOT_PLAIN


@compiled
def read_lines(
    data: Bytes,
    words: Words,
    line_starts: Longs,
    line_ends: Longs,
    fields: Any,
    types: Any,
    shapes: Longs,
    masks: Longs,
    targets: Any,
    kinds: Longs,
) -> None:
    """Read lines, each from its start to its end, into the columns of `targets`: starts, lengths, longs, present.

    `fields` and `types` are Names. Of each field its form and its column (`shapes`), and of each type which fields it
    must and may have (`masks`), a bit each. `kinds` has the number of each row's type then, or NOT_PLAIN.
    """
    guesses = np.zeros(len(fields[1]) + 1, dtype=np.int64)
    for row in range(len(line_starts)):
        at, end = line_starts[row], line_ends[row]
        kinds[row] = _read_line(data, words, row, at, end, fields, types, shapes, masks, guesses, targets)
