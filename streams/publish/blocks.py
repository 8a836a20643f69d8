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


def blocks_of(source: BinaryIO) -> Iterator[Block]:
    """All lines, each as soon as it is there: what comes slowly is not waited for until a block is full."""
    line, bytes_read = 1, 0
    for text, cut_bytes in _whole_lines(source):
        bytes_read += len(text) + cut_bytes
        text_at = len(_BYTE_ORDER_MARK) if line == 1 and text.startswith(_BYTE_ORDER_MARK) else 0
        yield Block(text, line, text_at, cut_bytes, bytes_read)
        line += text.count(b"\n") or 1


def _whole_lines(source: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Texts that end where a line does, and how many bytes each lacks there."""
    rest, cut_bytes = b"", 0
    while chunk := _read(source):
        if cut_bytes and (end := chunk.find(b"\n") + 1):
            yield rest, cut_bytes + end
            rest, cut_bytes, chunk = b"", 0, chunk[end:]
        end = chunk.rfind(b"\n") + 1
        if end:
            yield rest + chunk[:end], 0
            rest = chunk[end:]
        else:
            cut_bytes += max(len(rest) + len(chunk) - LINE_BYTES_MAX, 0)
            rest = (rest + chunk)[:LINE_BYTES_MAX]
    if rest:
        yield rest, cut_bytes


def _read(source: BinaryIO) -> bytes:
    """What is there of the next bytes, at least one unless the source has ended."""
    some: bytes = source.read1(_BLOCK_BYTES) if isinstance(source, BufferedIOBase) else source.read(_BLOCK_BYTES)
    return some
