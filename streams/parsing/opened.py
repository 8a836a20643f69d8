"""A file's bytes as whole lines, block by block, so that no more than a block of it is in memory.

A line ends with LF, CR LF or CR, as for Python's `csv`.
"""

import codecs
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from dompet.schemas.errors import DompetError
from dompet.streams.parsing.texts import place

BLOCK_BYTES: Final = 8 << 20
LINE_BYTES_MAX: Final = 16 << 20
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")


class BadLine(DompetError):
    """A file, or a line of it, cannot be read; the sentence begins with file:line."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"{place(path, line)}: {why}")


class Block(NamedTuple):
    """Whole lines, and which line of the file the first of them is, from 1. Only the file's last line may lack its
    end.
    """

    line: int
    data: bytes


def blocks_of(path: Path) -> Iterator[Block]:
    """The lines of a file from the first to the last, without a byte order mark; BadLine where one is too long."""
    with path.open("rb") as file:
        yield from _blocks(path, file)


def line_ends(data: bytes) -> int:
    """How many lines end within the data."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def after(blocks: Iterator[Block], line: int) -> Iterator[Block]:
    """The lines from a number on."""
    for block in blocks:
        if block.line >= line:
            yield block
            continue
        ends = islice(_LINE_END.finditer(block.data), line - block.line - 1, None)
        if (end := next(ends, None)) and end.end() < len(block.data):
            yield Block(line, block.data[end.end() :])


def _blocks(path: Path, file: BinaryIO) -> Iterator[Block]:
    line, rest = 1, file.read(len(codecs.BOM_UTF8)).removeprefix(codecs.BOM_UTF8)
    while data := file.read(BLOCK_BYTES):
        data = rest + data
        end = _end(data)
        if end:
            yield Block(line, data[:end])
            line += line_ends(data[:end])
        rest = data[end:]
        if len(rest) > LINE_BYTES_MAX:
            raise BadLine(path, line, f"a line of more than {LINE_BYTES_MAX} bytes")
    if rest:
        yield Block(line, rest)


def _end(data: bytes) -> int:
    """Where the last whole line ends. A CR at the very end may be half of a CR LF."""
    return max(data.rfind(b"\n"), data.rfind(b"\r", 0, -1)) + 1
