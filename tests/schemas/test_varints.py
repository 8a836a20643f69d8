"""Varints read side by side are what reading each alone gives, for any bytes."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dompet.schemas.strings import padded
from dompet.schemas.varints import Bytes, Flags, Longs, read_long, words_at_any_byte
from tests.schemas.corpus import long

INT64 = st.integers(-(2**63), 2**63 - 1)
EDGES = [0, -1, 63, 64, -64, -65, 8191, 8192, 2**31, 2**55, -(2**55), 2**56, 2**62, -(2**62), 2**63 - 1, -(2**63)]
PIECES = st.one_of(
    st.sampled_from(EDGES).map(long),
    INT64.map(long),
    st.integers(0, 12).map(lambda zeros: b"\x80" * zeros + b"\x00"),
    st.integers(1, 12).map(lambda ones: b"\xff" * ones),
    st.integers(0, 127).map(lambda last: b"\xff" * 9 + bytes([last])),
    st.binary(max_size=12),
)
BYTES = st.lists(PIECES, max_size=12).map(b"".join)


def by_the_book(data: bytes, position: int, end: int) -> tuple[int, int] | None:
    """The long and the position after it; None where it is not whole, not the shortest, or beyond 64 bits."""
    raw = 0
    for index, byte in enumerate(data[position:end]):
        raw |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            number = raw // 2 if raw % 2 == 0 else -(raw + 1) // 2
            whole = data[position : position + index + 1] == long(number) and -(2**63) <= number < 2**63
            return (number, position + index + 1) if whole else None
    return None


@st.composite
def spans(draw: st.DrawFn) -> tuple[bytes, list[int], list[int]]:
    data = draw(BYTES)
    positions = draw(st.lists(st.integers(0, len(data)), max_size=8))
    ends = [draw(st.integers(position, len(data))) for position in positions]
    return data, positions, ends


def read_longs(blob: Bytes, position: Longs, end: Longs) -> tuple[Longs, Longs, Flags]:
    """Many longs of one buffer: their values, the positions after them, and whether each is good."""
    words = words_at_any_byte(blob)
    read = [read_long(words, *span) for span in zip(position, end, strict=True)]
    value, after, good = zip(*read, strict=True) if read else ((), (), ())
    return np.array(value, dtype=np.int64), np.array(after, dtype=np.int64), np.array(good, dtype=np.bool_)


@given(spans())
@settings(max_examples=300)
@example((b"\x80" * 9 + b"\x01", [0], [10]))
@example((b"\x80" * 9 + b"\x01", [0], [9]))
@example((b"", [0], [0]))
@example((b"", [], []))
def test_a_column_of_longs_is_each_long_alone(case: tuple[bytes, list[int], list[int]]) -> None:
    data, positions, ends = case
    blob = padded([data])
    value, after, good = read_longs(blob, np.array(positions, int), np.array(ends, int))
    assert len(value) == len(after) == len(good) == len(positions)
    for row, (position, end) in enumerate(zip(positions, ends, strict=True)):
        expected = by_the_book(data, position, end)
        assert good[row] == (expected is not None)
        assert (value[row], after[row]) == expected if expected else after[row] == end


@given(st.lists(st.one_of(st.sampled_from(EDGES), INT64), max_size=40))
@settings(max_examples=100)
def test_longs_written_one_after_another_are_read_back(numbers: list[int]) -> None:
    parts = [long(number) for number in numbers]
    blob = padded(parts)
    end = np.cumsum([len(part) for part in parts], dtype=np.int64)
    start = end - np.array([len(part) for part in parts], dtype=np.int64)
    value, after, good = read_longs(blob, start, end)
    assert value.tolist() == numbers
    assert after.tolist() == end.tolist()
    assert good.all()


@pytest.mark.parametrize("size", range(1, 11))
def test_a_number_that_needs_so_many_bytes_is_read_at_the_very_end_of_the_buffer(size: int) -> None:
    low = 0 if size == 1 else 1 << 7 * (size - 1)
    high = min((1 << 7 * size) - 1, 2**64 - 1)
    numbers = [raw >> 1 ^ -(raw & 1) for raw in (low, low + 1, high - 1, high)]
    for number in numbers:
        data = long(number)
        assert len(data) == size
        blob = padded([b"\xff" * 3, data])
        value, after, good = read_longs(blob, np.array([3]), np.array([3 + size]))
        assert (value.tolist(), after.tolist(), good.tolist()) == ([number], [3 + size], [True])


def test_bytes_after_the_end_do_not_finish_a_number() -> None:
    blob = padded([b"\x80\x80", b"\x01"])
    _, after, good = read_longs(blob, np.array([0]), np.array([2]))
    assert (after.tolist(), good.tolist()) == ([2], [False])
