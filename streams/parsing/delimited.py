"""Rows of delimited text, as Python's `csv` reads them: what it would only guess at is refused.

A row may have several lines, within quotes; its line is the one on which it begins. A row without anything is passed
over.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from dompet.streams.parsing.opened import BadLine, Block, line_ends

QUOTE: Final = '"'
VALUE_CHARACTERS_MAX: Final = 131_072
"""The longest value that Python's `csv` reads; a quote that is never closed is found there at the latest."""
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

    def __init__(self, path: Path, blocks: Iterator[Block], dialect: Dialect) -> None:
        self._path = path
        self._feed = _Feed(blocks)
        self._reader = csv.reader(
            self._feed, delimiter=dialect.delimiter, quotechar=QUOTE, escapechar=dialect.escape, strict=True
        )

    def of(self, block: Block) -> Iterator[Row]:
        """The rows that begin in a block. Of one that is no CSV it is said what is wrong where the next row begins on
        the next line for certain. Raises BadLine where nobody can tell any more where rows begin.
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
                yield Row(line, feed.line, values, "" if _is_text(values) else "the row is not UTF-8 text")


def rows_of(path: Path, blocks: Iterator[Block], dialect: Dialect) -> Iterator[Row]:
    """All rows of the blocks; raises as `Rows.of`."""
    rows = Rows(path, blocks, dialect)
    for block in blocks:
        yield from rows.of(block)


def checked(rows: Iterable[Row], width: int) -> Iterator[Row]:
    """The rows; of one of another number of values than the header's it is said that it is wrong."""
    for row in rows:
        if row.wrong or len(row.values) == width:
            yield row
        else:
            yield row._replace(wrong=f"the row has {len(row.values)} values; the header has {width}")


def _is_text(values: list[str]) -> bool:
    """Whether what was read was UTF-8: what was not is a surrogate here."""
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
