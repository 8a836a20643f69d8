"""Rows of delimited text, as Python's `csv` reads them: what it would only guess at is refused.

A row may have several lines, within quotes; its line is the one on which it begins. A row without anything is passed
over.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from dompet.streams.parsing.lines import Block, TextFile, line_ends
from dompet.streams.parsing.unpacked import BadLine, Encoding

QUOTE: Final = '"'
VALUE_CHARACTERS_MAX: Final = 131_072
"""The longest value that Python's `csv` reads; a quote that is never closed is found there at the latest."""
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?(?:\r\n|\n|\r|$)', re.IGNORECASE)
_SEPARATOR_LINE_BYTES: Final = 16
_SAID: Final = {
    "unexpected end of data": "a quote that is never closed",
    f"',' expected after '{QUOTE}'": "a quote within a quoted value; it must be doubled, or escaped as `escape` says",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file sets values apart: by a character; and, if there is one, which character takes a quote's meaning."""

    delimiter: str = ","
    escape: str | None = None


class Row(NamedTuple):
    """A row's values, or what is wrong with it; the line on which it begins, from 1, and the one after its last."""

    line: int
    end: int
    values: list[str]
    wrong: str = ""


class Rows:
    """Makes rows of blocks that are read one by one. `blocks` gives what comes after a block where a row needs it."""

    def __init__(self, path: Path, blocks: Iterator[Block], dialect: Dialect, encoding: str = "UTF-8") -> None:
        self._path = path
        self._encoding = encoding
        self._feed = _Feed(blocks)
        self._reader = csv.reader(
            self._feed, delimiter=dialect.delimiter, quotechar=QUOTE, escapechar=dialect.escape, strict=True
        )

    def of(self, block: Block) -> Iterator[Row]:
        """The rows that begin in a block. Of one that is no CSV it is said what is wrong where the next row begins on
        the next line for certain. Raises BadLine where it is no longer known where rows begin.
        """
        feed = self._feed
        feed.give(block)
        while feed.line < feed.end:
            line = feed.line
            try:
                values = next(self._reader, None)
            except csv.Error as error:
                why = f"the row is not CSV: {error}{_meaning(error)}"
                if feed.line > line + 1:
                    raise BadLine(self._path, line, f"{why}; it is not certain where the next row begins") from None
                yield Row(line, feed.line, [], why)
                continue
            if values:
                wrong = "" if _is_text(values) else f"the row is not {self._encoding.upper()} text"
                yield Row(line, feed.line, values, wrong)


def _is_text(values: list[str]) -> bool:
    """Whether all could be decoded: what could not is a surrogate here."""
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        return False
    return True


def _meaning(error: csv.Error) -> str:
    meaning = _SAID.get(str(error))
    if str(error).startswith("field larger"):
        meaning = "a value that long, or a quote that is never closed"
    return f" ({meaning})" if meaning else ""


class DelimitedFile:
    """A file of delimited text. A separator that its first line names (`sep=;`) need not be given."""

    def __init__(self, path: Path, separator: str | None, escape: str | None, encoding: Encoding | None) -> None:
        self.path = path
        self._text = TextFile(path, encoding)
        first = next(self._text.blocks(), Block(1, b"")).data[:_SEPARATOR_LINE_BYTES].decode("utf-8", "replace")
        named = _SEPARATOR_LINE.match(first)
        if named and separator not in (None, named[1]):
            raise BadLine(path, 1, f"the file says sep={named[1]}, and the mapping that the separator is {separator!r}")
        self._first = 2 if named else 1
        self.dialect = Dialect(separator or (named[1] if named else ","), escape)

    @property
    def bytes_read(self) -> int:
        """Of the file on disk, by its rows' reader."""
        return self._text.bytes_read

    def blocks(self, first: int) -> Iterator[Block]:
        """Its lines from a number on, but for the one that names the separator."""
        return self._text.blocks(max(first, self._first))

    def read(self, blocks: Iterator[Block]) -> Rows:
        """What makes rows of these blocks."""
        return Rows(self.path, blocks, self.dialect, self._text.encoding)

    def rows(self, first: int, needed: Collection[int] = ()) -> Iterator[Row]:
        """Its rows from a line on, on which one begins; raises as `Rows.of`. Whatever is needed, a value is a text."""
        blocks = self.blocks(first)
        rows = self.read(blocks)
        for block in blocks:
            yield from rows.of(block)


class _Feed:
    """Lines for csv's reader, which asks for no more of them than its row needs."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self._blocks = blocks
        self._lines: Iterator[str] = iter(())
        self.line = self.end = 1
        """The next line to be read, and the one after the last that is here."""

    def give(self, block: Block) -> None:
        self._lines = io.StringIO(block.data.decode("utf-8", "surrogateescape"), newline="")
        self.line = block.line
        self.end = block.line + line_ends(block.data) + (not block.data.endswith((b"\n", b"\r")))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        text = next(self._lines, None)
        if text is None:
            self.give(next(self._blocks))
            text = next(self._lines)
        self.line += 1
        return text
