"""Strings of many records, as spans of one byte buffer: never a Python object for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.schemas.compiled import compiled
from dompet.schemas.varints import PADDING, Bytes, Flags, Longs, Words, words_at_any_byte

_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


def padded(parts: Sequence[bytes]) -> Bytes:
    """The parts joined, with the padding that lets a word be loaded at any byte of them."""
    return np.frombuffer(b"".join([*parts, bytes(PADDING)]), dtype=np.uint8)


@dataclass(frozen=True)
class Strings:
    """One string a row: `length` bytes from `start` of `blob` (which ends in PADDING spare bytes)."""

    blob: Bytes
    start: Longs
    length: Longs

    @classmethod
    def of(cls, values: Sequence[bytes]) -> "Strings":
        """A column of the given strings."""
        length = np.fromiter(map(len, values), dtype=np.int64, count=len(values))
        return cls(padded(values), np.cumsum(length) - length, length)

    @classmethod
    def of_arrow(cls, column: pa.Array) -> "Strings":
        """The strings (or bytes) of an Arrow column without nulls; a null is the empty string."""
        column = column.cast(pa.large_binary())
        offsets = np.frombuffer(column.buffers()[1], dtype=np.int64)[column.offset : column.offset + len(column) + 1]
        data = column.buffers()[2]
        blob = padded([] if data is None else [data.to_pybytes()])
        return cls(blob, offsets[:-1], np.diff(offsets))

    def __len__(self) -> int:
        return len(self.start)

    def take(self, rows: NDArray[np.integer] | Flags) -> "Strings":
        """The strings of some rows, over the same buffer."""
        return Strings(self.blob, self.start[rows], self.length[rows])

    def packed(self) -> "PackedStrings":
        """Each string as 64-bit words, zero-padded. One-to-one for strings without NUL, which ids are."""
        counts = (self.length + 7) >> 3
        words = np.zeros((max(int(counts.max(initial=0)), 1), len(self)), dtype=np.uint64)
        _pack(words_at_any_byte(self.blob), self.start, self.length, words)
        return PackedStrings(words, counts)

    def arrow(self) -> pa.Array:
        """The same as a contiguous Arrow string column; its bytes are not validated."""
        offsets = np.zeros(len(self) + 1, dtype=np.int32)
        np.cumsum(self.length, out=offsets[1:])
        content = np.empty(int(offsets[-1]) + PADDING, dtype=np.uint8)
        _gather(words_at_any_byte(self.blob), self.start, offsets, words_at_any_byte(content, writable=True))
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content[: offsets[-1]])]
        return pa.Array.from_buffers(pa.string(), len(self), buffers)

    def row(self, row: int) -> bytes:
        """The bytes of one row."""
        start = int(self.start[row])
        return self.blob[start : start + int(self.length[row])].tobytes()


@dataclass(frozen=True)
class PackedStrings:
    """Strings as words: `words[place, row]`, zero where the row has fewer; `counts` says how many each row has."""

    words: Words
    counts: Longs

    def __len__(self) -> int:
        return len(self.counts)

    def take(self, rows: NDArray[np.integer] | Flags) -> "PackedStrings":
        """Some rows."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        # `take` copies along an axis several times faster than an index does.
        return PackedStrings(np.take(self.words, places, axis=1), np.take(self.counts, places))

    def prefixed(self, first: Words) -> "PackedStrings":
        """The same keys with one more word before them."""
        return PackedStrings(np.concatenate([first[None, :], self.words]), self.counts + 1)

    def equals(self, other: "PackedStrings") -> Flags:
        """Row by row, whether the two strings are the same; a column of one string is compared with every row."""
        same: Flags = self.counts == other.counts
        low = min(len(self.words), len(other.words))
        same &= (self.words[:low] == other.words[:low]).all(axis=0)
        for longer in (self.words[low:], other.words[low:]):
            same &= (longer == 0).all(axis=0)
        return same


def concatenated(parts: Sequence[PackedStrings]) -> PackedStrings:
    """Columns one after another, as wide as the widest."""
    width = max(len(part.words) for part in parts)
    words = [np.pad(part.words, ((0, width - len(part.words)), (0, 0))) for part in parts]
    return PackedStrings(np.concatenate(words, axis=1), np.concatenate([part.counts for part in parts]))


@compiled
def _pack(every: Words, start: Longs, length: Longs, words: Words) -> None:
    """Each string's bytes as words; bytes beyond its end are zero."""
    for row in range(len(start)):
        at, left, place = start[row], length[row], 0
        while left >= 8:
            words[place, row] = every[at]
            at, left, place = at + 8, left - 8, place + 1
        if left:
            words[place, row] = every[at] & (_ALL >> np.uint64(64 - 8 * left))


@compiled
def _gather(every: Words, start: Longs, offsets: NDArray[np.int32], content: Words) -> None:
    """Copy each string to its place. Whole words are copied: what is too much of one is overwritten by the next."""
    for row in range(len(start)):
        at, to, end = start[row], offsets[row], offsets[row + 1]
        while to < end:
            content[to] = every[at]
            at, to = at + 8, to + 8
