"""A block of lines is read as each line alone, whatever the lines are."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dompet.schemas import encode_lines as reading
from dompet.schemas.encode_lines import encode_lines
from dompet.schemas.errors import InvalidEvent
from dompet.schemas.json_lines import read_fields
from dompet.schemas.limits import INT64_MAX
from dompet.schemas.wire import encode_fields
from tests.schemas.examples import INVALID, VALID
from tests.schemas.json_events import line

LONGEST = 65_536


def _alone(text: bytes) -> tuple[bytes, bytes] | str:
    """The key and the value of one line's event, or why it is none."""
    try:
        name, fields = read_fields(text)
        value = encode_fields(name, fields)
        return fields["beneficiary_id"].encode(), value
    except InvalidEvent as fault:
        return str(fault)


def _assert_each_as_alone(lines: list[bytes], end: bytes = b"\n") -> None:
    found = encode_lines(b"\n".join(lines) + end, 0, LONGEST)
    there = [number for number, text in enumerate(lines) if text.strip()]
    assert found.lines.tolist() == there
    for row, number in enumerate(there):
        expected = _alone(lines[number].strip())
        if isinstance(expected, str):
            assert str(found.encoded.faults[row]) == expected
        else:
            assert row not in found.encoded.faults
            assert (found.encoded.keys.row(row), found.encoded.values.row(row)) == expected


@given(st.integers(0, 2**64), st.integers(0, 20), st.sampled_from([b"\n", b"", b"\r\n"]))
@settings(max_examples=300)
def test_lines_are_taken_or_refused_as_each_alone(seed: int, count: int, end: bytes) -> None:
    rng = Random(seed)
    _assert_each_as_alone([line(rng) for _ in range(count)], end if count else b"")


@given(st.lists(st.binary().map(lambda text: text.replace(b"\n", b""))))
def test_any_bytes_are_refused_as_each_line_alone(lines: list[bytes]) -> None:
    _assert_each_as_alone(lines, b"\n" if lines else b"")


def test_the_contracts_examples_are_read_as_each_alone() -> None:
    _assert_each_as_alone([text.encode() for _, text in (*VALID, *INVALID)])


@pytest.mark.parametrize("blank", [b"", b" "])
@pytest.mark.parametrize("slash", [b"/", b"\\/", b"\\u002f"])
def test_what_common_writers_write_is_not_read_line_by_line(
    blank: bytes, slash: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(text: object) -> None:
        raise InvalidEvent("read alone")

    monkeypatch.setattr(reading, "read_fields", refuse)
    lines = [text.encode() for _, text in VALID if text.isascii() and "\\" not in text and str(INT64_MAX) not in text]
    assert len(lines) > 20
    for old, new in ((b'": ', b'":' + blank), (b', "', b"," + blank + b'"'), (b"/", slash)):
        lines = [text.replace(old, new) for text in lines]
    assert not encode_lines(b"\n".join(lines), 0, LONGEST).encoded.faults


def test_a_line_that_is_too_long_is_a_fault_whatever_it_holds() -> None:
    text = VALID[0][1].encode()
    for padded in (text + b" " * LONGEST, b" " * LONGEST + b"\n" + text):
        found = encode_lines(padded, 0, LONGEST)
        size = len(padded.split(b"\n")[0]) + (b"\n" in padded)
        assert str(found.encoded.faults[0]) == f"the line has {size} bytes; at most {LONGEST} are allowed"
    found = encode_lines(text[:10], 0, LONGEST, cut_bytes=10 * LONGEST)
    assert str(found.encoded.faults[0]) == f"the line has {10 * LONGEST + 10} bytes; at most {LONGEST} are allowed"
