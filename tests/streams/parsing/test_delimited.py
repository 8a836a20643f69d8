"""Delimited text: whatever a file holds and wherever a block of it ends, its rows are those of Python's `csv`."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dompet.streams.parsing import lines
from dompet.streams.parsing.blanks import is_blank
from dompet.streams.parsing.shape import FileShape
from dompet.streams.parsing.table import TableFile
from dompet.streams.parsing.unpacked import BadLine

Line = tuple[int, list[str]]
LINE_END = re.compile("\r\n|\n|\r")

PIECES = [
    "a",
    "é",
    "\u2028",
    "\x1c",
    "\x00",
    " ",
    ",",
    ";",
    '"',
    '""',
    '","',
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\\",
    "\ufeff",
]
BYTES = [piece.encode() for piece in PIECES] + [b"\xff", b"\xed\xa0\x80", b"a,b\n", b'"x","y"\r\n', b"c;d\n"]


def by_csv(data: bytes, shape: FileShape) -> tuple[list[Line], int]:
    """The rows that Python's csv finds up to the first that is wrong, and the line where that one begins; 0: none."""
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", "surrogateescape", newline="")
    reader = csv.reader(text, delimiter=shape.separator or ",", escapechar=shape.escape, strict=True)
    found: list[Line] = []
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader, None)
            "".join(values or []).encode()
        except (csv.Error, UnicodeEncodeError):
            return found, line
        if values is None:
            return found, 0
        if values and not is_blank("".join(values)):
            found.append((line, values))


def by_rows(file: TableFile) -> tuple[list[Line], int]:
    found: list[Line] = []
    try:
        for row in file.rows():
            if row.wrong:
                return found, row.line
            found.append((row.line, row.values))
    except BadLine as error:
        return found, line_in(error)
    return found, 0


def by_columns(file: TableFile) -> tuple[list[Line], int]:
    found: list[Line] = []
    try:
        for block in file.columns(file.names):
            rows = zip(*(text.to_pylist() for text in block.texts), strict=True)
            found += [(line, list(row)) for line, row in zip(block.lines.tolist(), rows, strict=True)]
    except BadLine as error:
        return found, line_in(error)
    return found, 0


def line_in(error: BadLine) -> int:
    return int(str(error).split(":")[1])


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.lists(st.sampled_from(BYTES), max_size=40).map(b"".join),
    width=st.integers(1, 3),
    delimiter=st.sampled_from(",;|é"),
    escape=st.sampled_from([None, "\\"]),
    size=st.integers(1, 64),
)
def test_rows_are_those_of_pythons_csv_wherever_a_block_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    data: bytes, width: int, delimiter: str, escape: str | None, size: int,
) -> None:  # fmt: skip
    shape = FileShape(separator=delimiter, escape=escape)
    header = delimiter.join(["a" * 64, "b", "c"][:width]) + "\n"
    path = tmp_path / "a.csv"
    path.write_bytes(header.encode() + data)
    expected, wrong = by_csv(path.read_bytes(), shape)
    expected = expected[1:]
    ragged = next((at for at, (_, values) in enumerate(expected) if len(values) != width), None)
    if ragged is not None:
        expected, wrong = expected[:ragged], expected[ragged][0]
    with monkeypatch.context() as patch:
        patch.setattr(lines, "BLOCK_BYTES", size)
        file = TableFile(path, shape, [])
        assert by_rows(file) == (expected, wrong)
        assert by_columns(file) == (expected, wrong)


def as_written(value: str, delimiter: str, *, always: bool) -> str:
    """A value in a row, in quotes where it needs them."""
    if always or set(value) & {delimiter, '"', "\n", "\r"}:
        return '"' + value.replace('"', '""') + '"'
    return value


TEXTS = st.lists(st.sampled_from([piece for piece in PIECES if piece != "\\"]), max_size=4).map("".join)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.tuples(TEXTS, TEXTS, st.sampled_from(["", "5", "350.000,00"])), max_size=12),
    quoted=st.lists(st.booleans(), min_size=12, max_size=12),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    delimiter=st.sampled_from(",;\t"),
    marked=st.booleans(),
    size=st.integers(1, 200),
)
def test_what_was_written_is_read_with_the_line_on_which_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    cells: list[tuple[str, str, str]], quoted: list[bool], end: str, delimiter: str, marked: bool, size: int,
) -> None:  # fmt: skip
    expected: list[Line] = []
    text = "\ufeff" * marked + delimiter.join("abc") + end
    for values, always in zip(cells, quoted, strict=False):
        if not is_blank("".join(values)):
            expected.append((1 + len(LINE_END.findall(text)), list(values)))
        text += delimiter.join(as_written(value, delimiter, always=always) for value in values) + end
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    with monkeypatch.context() as patch:
        patch.setattr(lines, "BLOCK_BYTES", size)
        file = TableFile(path, FileShape(separator=delimiter), [])
        assert by_rows(file) == (expected, 0)
        assert by_columns(file) == (expected, 0)
