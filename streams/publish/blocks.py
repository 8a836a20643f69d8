"""A file of lines, read in blocks of whole lines, in bounded memory however long a line is."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from typing import BinaryIO, Final

LINE_BYTES_MAX: Final = 65_536
"""Far more than the longest event needs, all its characters escaped."""

_BLOCK_BYTES: Final = 262_144
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines; only the last of a file may lack its end.

    `first_line` is the number of the first, from 1, whose text begins at `text_at`. A line that is longer than
    LINE_BYTES_MAX may be a block of its own, of its beginning only: then `cut_bytes` of it are missing. `bytes_read`
    are those of the file up to the block's end.
    """

    text: bytes
    first_line: int
    text_at: int
    cut_bytes: int
    bytes_read: int


class LineBlocks:
    """Makes blocks of bytes as they come: each has the lines that are whole by then."""

    def __init__(self) -> None:
        self._rest, self._cut_bytes = b"", 0
        self._line, self._bytes_read = 1, 0

    def take(self, chunk: bytes) -> Iterator[Block]:
        """What is whole with these bytes."""
        if self._cut_bytes and (end := chunk.find(b"\n") + 1):
            yield self._block(self._rest, self._cut_bytes + end)
            self._rest, self._cut_bytes, chunk = b"", 0, chunk[end:]
        end = chunk.rfind(b"\n") + 1
        if end:
            yield self._block(self._rest + chunk[:end], 0)
            self._rest = chunk[end:]
        else:
            self._cut_bytes += max(len(self._rest) + len(chunk) - LINE_BYTES_MAX, 0)
            self._rest = (self._rest + chunk)[:LINE_BYTES_MAX]

    def end(self) -> Iterator[Block]:
        """The last line, where it lacks its end."""
        if self._rest:
            yield self._block(self._rest, self._cut_bytes)

    def _block(self, text: bytes, cut_bytes: int) -> Block:
        self._bytes_read += len(text) + cut_bytes
        first = self._line
        self._line += text.count(b"\n") or 1
        text_at = len(_BYTE_ORDER_MARK) if first == 1 and text.startswith(_BYTE_ORDER_MARK) else 0
        return Block(text, first, text_at, cut_bytes, self._bytes_read)


def blocks_of(source: BinaryIO) -> Iterator[Block]:
    """All lines, each as soon as it is there: what comes slowly is not waited for until a block is full."""
    blocks = LineBlocks()
    while chunk := _read(source):
        yield from blocks.take(chunk)
    yield from blocks.end()


def _read(source: BinaryIO) -> bytes:
    """What is there of the next bytes, at least one unless the source has ended."""
    some: bytes = source.read1(_BLOCK_BYTES) if isinstance(source, BufferedIOBase) else source.read(_BLOCK_BYTES)
    return some
