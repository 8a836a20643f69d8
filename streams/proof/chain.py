"""The chain: one hash that covers all that a partition of the log holds, however it was read.

Offsets are cut into segments of a fixed length. A segment's digest is made of three hashes, over its records' places
(offset, timestamp, lengths), over their keys and over their values, so that each can be fed whole columns; a head is
the hash of the head before it and the segment's digest. docs/proof.md gives the formula to the byte.
"""

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dompet.schemas.records import RawColumn, Records
from dompet.schemas.strings import Strings

VERSION: Final = 1
"""The formula's. Heads of two versions cannot be compared."""

SEGMENT: Final = 8_192
"""Offsets in a segment: what a worker reads once more, at most, of each partition it takes over."""

GENESIS: Final = bytes(32)
"""The head before the first segment."""

_PLACE: Final = np.dtype([("offset", "<i8"), ("timestamp_ms", "<i8"), ("key", "<i4"), ("value", "<i4")])
_SEGMENT: Final = np.dtype([("version", "<i4"), ("partition", "<i4"), ("segment", "<i8"), ("records", "<i8")])
_RUN_MIN: Final = 8
"""Records that lie end to end, on average, below which copying them together is cheaper than hashing run by run."""


@dataclass(frozen=True)
class Head:
    """The chain below `next_offset`. Its last segment has `records` records; it may be open still."""

    partition: int
    segment: int
    next_offset: int
    records: int
    head: bytes

    @property
    def is_whole(self) -> bool:
        """Whether no record can follow in its segment."""
        return self.next_offset == (self.segment + 1) * SEGMENT


class Chain:
    """The chain of one partition from a segment's start on; `before` is the head of the segment before it."""

    def __init__(self, partition: int, segment: int = 0, before: bytes = GENESIS) -> None:
        self.partition = partition
        self._before = before
        self._open(segment)
        self.next_offset = segment * SEGMENT

    def _open(self, segment: int) -> None:
        self._segment = segment
        self._records = 0
        self._places, self._keys, self._values = (hashlib.sha256() for _ in range(3))

    def extend(self, records: Records, rows: slice) -> list[Head]:
        """Hash these rows, which are the partition's next records; the heads of the segments that they end."""
        segments = records.offset[rows] // SEGMENT
        begins = (np.flatnonzero(np.diff(segments, prepend=-1)) + rows.start).tolist()
        ended = []
        for begin, end in pairwise([*begins, rows.stop]):
            segment = int(records.offset[begin]) // SEGMENT
            if segment != self._segment:
                ended += self._end()
                self._open(segment)
            self._feed(records, slice(begin, end))
        return [*ended, *self._end()] if self.next_offset % SEGMENT == 0 and self._records else ended

    def head(self) -> Head:
        """The head as it is now; where there is no record at all, the one before the first segment."""
        if not self._records:
            return Head(self.partition, self._segment, self.next_offset, 0, self._before)
        described = np.array((VERSION, self.partition, self._segment, self._records), dtype=_SEGMENT)
        digest = hashlib.sha256(described.tobytes())
        for part in (self._places, self._keys, self._values):
            digest.update(part.digest())
        head = hashlib.sha256(self._before + digest.digest()).digest()
        return Head(self.partition, self._segment, self.next_offset, self._records, head)

    def _end(self) -> list[Head]:
        """End the segment, unless it has no record."""
        if not self._records:
            return []
        head = self.head()
        self._before = head.head
        self._open(self._segment + 1)
        return [head]

    def _feed(self, records: Records, rows: slice) -> None:
        """Hash records of one segment."""
        places = np.empty(rows.stop - rows.start, dtype=_PLACE)
        places["offset"] = records.offset[rows]
        places["timestamp_ms"] = records.timestamp_us[rows] // 1000
        for name, column, feeding in (("key", records.keys, self._keys), ("value", records.values, self._values)):
            places[name] = column.strings.length[rows]
            _feed_column(feeding, column, rows, places[name])
        self._places.update(places.view(np.uint8).data)
        self._records += len(places)
        self.next_offset = int(records.offset[rows.stop - 1]) + 1


def _feed_column(feeding: "hashlib._Hash", column: RawColumn, rows: slice, lengths: NDArray[np.int32]) -> None:
    """Hash the bytes of some rows; a row stored separately gets its own length (−1: null)."""
    begin = rows.start
    for row in sorted(row for row in column.odd if rows.start <= row < rows.stop):
        _feed_strings(feeding, column.strings, slice(begin, row))
        value = column.odd[row]
        lengths[row - rows.start] = -1 if value is None else len(value)
        feeding.update(value or b"")
        begin = row + 1
    _feed_strings(feeding, column.strings, slice(begin, rows.stop))


def _feed_strings(feeding: "hashlib._Hash", strings: Strings, rows: slice) -> None:
    start, length = strings.start[rows], strings.length[rows]
    if not len(start):
        return
    stop = start + length
    breaks = np.flatnonzero(start[1:] != stop[:-1]) + 1
    if len(breaks) * _RUN_MIN > len(start):
        joined = Strings(strings.blob, start, length).arrow().buffers()[2]
        feeding.update(joined or b"")
        return
    for begin, end in pairwise([0, *breaks.tolist(), len(start)]):
        feeding.update(strings.blob[start[begin] : stop[end - 1]].data)
