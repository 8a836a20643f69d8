"""A file's bytes as whole lines, block by block, so that no more than a block of it is in memory.

A line ends with LF, CR LF or CR, as for Python's `csv`.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from dompet.streams.parsing.unpacked import BadLine, Encoding, unpacked

BLOCK_BYTES: Final = 8 << 20
LINE_BYTES_MAX: Final = 16 << 20
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")


class Block(NamedTuple):
    """Whole lines, and which line of the file the first of them is, from 1. Only the file's last line may lack its
    end.
    """

    line: int
    data: bytes


class TextFile:
    """A file's text, from its first line whenever it is asked for. `encoding` as in `unpacked`."""

    def __init__(self, path: Path, encoding: Encoding | None = None) -> None:
        self.path = path
        self._given = encoding
        self.encoding: Encoding = encoding or "utf-8"
        """What the text turned out to be, once it was asked for."""
        self.bytes_read = 0
        """Of the file on disk, by the last caller."""

    def blocks(self, first: int = 1) -> Iterator[Block]:
        """The lines from a number on. BadLine where the file holds no text, or a line is too long."""
        for block in self._blocks():
            if block.line >= first:
                yield block
                continue
            ends = islice(_LINE_END.finditer(block.data), first - block.line - 1, None)
            if (end := next(ends, None)) and end.end() < len(block.data):
                yield Block(first, block.data[end.end() :])

    def _blocks(self) -> Iterator[Block]:
        with self.path.open("rb") as file:
            source, self.encoding = unpacked(self.path, file, self._given)
            line, rest = 1, b""
            while data := source.read(BLOCK_BYTES):
                self.bytes_read = file.tell()
                data = rest + data
                end = _end(data)
                if end:
                    yield Block(line, data[:end])
                    line += line_ends(data[:end])
                rest = data[end:]
                if len(rest) > LINE_BYTES_MAX:
                    raise BadLine(self.path, line, f"a line of more than {LINE_BYTES_MAX} bytes")
            if rest:
                yield Block(line, rest)


def line_ends(data: bytes) -> int:
    """How many lines end within the data."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def _end(data: bytes) -> int:
    """Where the last whole line ends. A CR at the very end may be half of a CR LF."""
    return max(data.rfind(b"\n"), data.rfind(b"\r", 0, -1)) + 1
