"""Columns of strings: what goes in comes out, in every form they take."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dompet.schemas.strings import PackedStrings, Strings, concatenated, padded

WITHOUT_NUL = st.integers(1, 255)
LENGTHS = st.one_of(st.integers(0, 20), st.sampled_from([23, 24, 25, 56, 63, 64, 65, 72, 130]))


@st.composite
def strings(draw: st.DrawFn, least: int = 0, most: int = 12) -> list[bytes]:
    """Byte strings without NUL, with the word boundaries among their lengths, and some repeated."""
    pool = [
        bytes([draw(WITHOUT_NUL)]) * length + bytes(draw(st.lists(WITHOUT_NUL, max_size=3)))
        for length in draw(st.lists(LENGTHS, min_size=max(least, 1), max_size=most))
    ]
    return draw(st.lists(st.sampled_from([*pool, b""]), min_size=least, max_size=most))


def spread(values: list[bytes]) -> Strings:
    """The strings with other bytes before, between and after them, but none after the last."""
    gap = b"\xff\xfe\xfd"
    blob = padded([part for value in values for part in (gap, value)])
    length = np.array([len(value) for value in values], dtype=np.int64)
    return Strings(blob, np.cumsum(length + len(gap)) - length, length)


def unpacked(packed: PackedStrings) -> list[bytes]:
    """The strings that the words hold."""
    rows = range(len(packed.counts))
    return [packed.words[:, row].astype("<u8").tobytes().rstrip(b"\0") for row in rows]


@given(strings())
@settings(max_examples=60)
def test_every_row_is_the_string_that_was_put_in(values: list[bytes]) -> None:
    for column in (Strings.of(values), spread(values)):
        assert len(column) == len(values)
        assert [column.row(row) for row in range(len(values))] == values


@given(strings())
@settings(max_examples=60)
def test_words_hold_the_strings_and_zeros(values: list[bytes]) -> None:
    for column in (Strings.of(values), spread(values)):
        packed = column.packed()
        assert unpacked(packed) == values
        assert packed.counts.tolist() == [-(-len(value) // 8) for value in values]
        assert len(packed.words) == max([1, *packed.counts.tolist()])


@given(strings())
@settings(max_examples=60)
def test_an_arrow_column_holds_the_same_strings(values: list[bytes]) -> None:
    for column in (Strings.of(values), spread(values)):
        arrow = column.arrow()
        assert arrow.type == pa.string()
        assert arrow.null_count == 0
        assert [one.as_buffer().to_pybytes() for one in arrow] == values


def test_an_arrow_column_takes_bytes_that_are_not_utf8_as_they_are() -> None:
    values = [b"\xff" * size for size in (0, 1, 4, 12, 13, 64)]
    assert [one.as_buffer().to_pybytes() for one in Strings.of(values).arrow()] == values


@given(strings(), st.data())
@settings(max_examples=60)
def test_rows_can_be_taken_by_number_and_by_flag(values: list[bytes], data: st.DataObject) -> None:
    some: list[int] = data.draw(st.lists(st.integers(0, len(values) - 1), max_size=9)) if values else []
    flags = data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)))
    for which, expected in (
        (np.array(some, dtype=np.int64), [values[row] for row in some]),
        (np.array(flags, dtype=np.bool_), [value for value, wanted in zip(values, flags, strict=True) if wanted]),
    ):
        column: Any = spread(values).take(which)
        assert [column.row(row) for row in range(len(column))] == expected
        assert unpacked(spread(values).packed().take(which)) == expected


@given(strings(), st.data())
@settings(max_examples=100)
def test_two_columns_are_equal_where_their_strings_are(values: list[bytes], data: st.DataObject) -> None:
    others = [data.draw(st.sampled_from([v, v, v[:-1], v + b"x", v[:-1] + b"\x7f", *values, b""])) for v in values]
    same = spread(values).packed().equals(Strings.of(others).packed())
    assert same.tolist() == [a == b for a, b in zip(values, others, strict=True)]


@given(st.lists(strings(), min_size=1, max_size=4))
@settings(max_examples=40)
def test_columns_of_any_widths_follow_one_another(parts: list[list[bytes]]) -> None:
    whole = concatenated([spread(part).packed() for part in parts])
    assert unpacked(whole) == [value for part in parts for value in part]
    assert whole.counts.tolist() == [-(-len(value) // 8) for part in parts for value in part]


@given(strings(), st.integers(1, 2**64 - 1))
@settings(max_examples=40)
def test_a_prefix_is_one_word_more_before_each(values: list[bytes], word: int) -> None:
    packed = Strings.of(values).packed()
    prefixed = packed.prefixed(np.full(len(values), word, dtype=np.uint64))
    assert (prefixed.words[0] == word).all()
    assert (prefixed.words[1:] == packed.words).all()
    assert (prefixed.counts == packed.counts + 1).all()


@pytest.mark.parametrize("size", range(66))
def test_a_string_in_the_last_bytes_of_a_buffer_is_whole(size: int) -> None:
    value = bytes(range(1, size + 1))
    column = spread([value])
    assert column.row(0) == value
    assert unpacked(column.packed()) == [value]
    assert column.arrow()[0].as_buffer().to_pybytes() == value


def test_a_column_without_rows_is_a_column() -> None:
    column = Strings.of([])
    assert len(column) == 0
    assert column.packed().words.shape == (1, 0)
    assert column.arrow().to_pylist() == []
    assert column.packed().equals(column.packed()).tolist() == []


def test_a_column_of_empty_strings_has_words_of_zero() -> None:
    packed = Strings.of([b"", b""]).packed()
    assert packed.words.tolist() == [[0, 0]]
    assert packed.counts.tolist() == [0, 0]
