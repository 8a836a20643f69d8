"""Records as they came from the log: keys and values lie end to end in one buffer each, not as objects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dompet.schemas.dead import Unreadable
from dompet.schemas.limits import INT64_MAX, TIME_US_END, TIME_US_MIN
from dompet.schemas.strings import Strings
from dompet.schemas.varints import PADDING, Flags, Longs

VALUE_BYTES_MAX: Final = 4096
"""More than any valid event has: a test compares it with the limits of every contract's fields."""


TIMESTAMP_MS_MAX: Final = INT64_MAX // 1000
"""Kafka's timestamps may be any 64 bits, in milliseconds: those beyond this or its negative are taken for it."""


@dataclass(frozen=True)
class RawColumn:
    """Keys or values, a row a record: `column[row]` is its bytes, or None.

    Nulls, and what is longer than any event, are in `odd` and are empty among the `strings`: such a record is dead
    in any case, and one must not make the whole batch large.
    """

    strings: Strings
    odd: Mapping[int, bytes | None] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Sequence[bytes | None]) -> "RawColumn":
        """A column of the given bytes. Nulls and long ones are rare: they are looked for where a first look says so."""
        try:
            strings = Strings.of(values)  # type: ignore[arg-type]
            if (strings.length <= VALUE_BYTES_MAX).all():
                return cls(strings)
        except TypeError:
            pass
        odd = {row: value for row, value in enumerate(values) if value is None or len(value) > VALUE_BYTES_MAX}
        return cls(Strings.of([b"" if row in odd else value or b"" for row, value in enumerate(values)]), odd)

    @classmethod
    def concatenated(cls, parts: Sequence["RawColumn"]) -> "RawColumn":
        """Columns one after another."""
        if len(parts) == 1:
            return parts[0]
        blobs = [part.strings.blob[:-PADDING] for part in parts]
        shifts = np.cumsum([0, *map(len, blobs)])
        begins = np.cumsum([0, *map(len, parts)])
        starts = [part.strings.start + shift for part, shift in zip(parts, shifts[:-1], strict=True)]
        blob = np.concatenate([*blobs, np.zeros(PADDING, dtype=np.uint8)])
        strings = Strings(blob, np.concatenate(starts), np.concatenate([part.strings.length for part in parts]))
        odd = {
            int(begin) + row: one for part, begin in zip(parts, begins, strict=False) for row, one in part.odd.items()
        }
        return cls(strings, odd)

    def take(self, rows: NDArray[np.integer]) -> "RawColumn":
        """Some rows, over the same buffer."""
        return RawColumn(self.strings.take(rows), _taken(self.odd, rows))

    @property
    def nbytes(self) -> int:
        """The bytes of all rows together."""
        return int(self.strings.length.sum()) + sum(len(one or b"") for one in self.odd.values())

    def __len__(self) -> int:
        return len(self.strings)

    def __iter__(self) -> Iterator[bytes | None]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, row: int) -> bytes | None:
        return self.odd[row] if row in self.odd else self.strings.row(row)


@dataclass(frozen=True)
class Records:
    """A batch as it came from the log, a row a record. `timestamp_us` is its own, in UTC microseconds, whatever it is.

    `unreadable` has the rows of which the log gives no record, and why: they have neither key nor value, and their time
    is 0. `header_ids`, where it was looked for: the schema id that a record's header names, −1 where none does.
    """

    partition: NDArray[np.int32]
    offset: Longs
    timestamp_us: Longs
    keys: RawColumn
    values: RawColumn
    partition_count: int
    unreadable: Mapping[int, Unreadable] = field(default_factory=dict)
    header_ids: Longs | None = None

    def __len__(self) -> int:
        return len(self.offset)

    @property
    def timed(self) -> Flags:
        """Where the record's own time is one that an event may have."""
        return (self.timestamp_us >= TIME_US_MIN) & (self.timestamp_us < TIME_US_END)

    @property
    def recorded_at_us(self) -> Longs:
        """When each record was put on the log, in UTC microseconds; 0 where its own time does not say it."""
        return np.where(self.timed, self.timestamp_us, 0)

    @property
    def nbytes(self) -> int:
        """The bytes of all keys and values."""
        return self.keys.nbytes + self.values.nbytes

    @classmethod
    def of_unreadable(cls, partition: int, offset: Longs, why: Unreadable, partition_count: int) -> "Records":
        """Placeholders for these offsets of a partition, which cannot be read."""
        size = len(offset)
        places = np.full(size, partition, dtype=np.int32), offset, np.zeros(size, dtype=np.int64)
        nothing = RawColumn.of([None] * size)
        return cls(*places, nothing, nothing, partition_count, dict.fromkeys(range(size), why), np.full(size, -1))

    @classmethod
    def concatenated(cls, parts: Sequence["Records"]) -> "Records":
        """Parts of a batch as one: by partition, and in each of them in the order of the parts."""
        partition, offset, timestamp_us = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("partition", "offset", "timestamp_us")
        )
        keys = RawColumn.concatenated([part.keys for part in parts])
        values = RawColumn.concatenated([part.values for part in parts])
        begins = np.cumsum([0, *map(len, parts)]).tolist()
        unreadable = {
            begin + row: why for begin, part in zip(begins, parts, strict=False) for row, why in part.unreadable.items()
        }
        named = [part.header_ids for part in parts if part.header_ids is not None]
        header_ids = np.concatenate(named) if len(named) == len(parts) else None
        if (partition[1:] < partition[:-1]).any():
            order = np.argsort(partition, kind="stable")
            partition, offset, timestamp_us = partition[order], offset[order], timestamp_us[order]
            keys, values, unreadable = keys.take(order), values.take(order), _taken(unreadable, order)
            header_ids = None if header_ids is None else header_ids[order]
        return cls(partition, offset, timestamp_us, keys, values, parts[0].partition_count, unreadable, header_ids)

    def take(self, rows: NDArray[np.integer]) -> "Records":
        """Some rows, over the same buffers."""
        places = (self.partition[rows], self.offset[rows], self.timestamp_us[rows])
        columns = self.keys.take(rows), self.values.take(rows)
        header_ids = None if self.header_ids is None else self.header_ids[rows]
        return Records(*places, *columns, self.partition_count, _taken(self.unreadable, rows), header_ids)


def _taken(some: Mapping[int, Any], rows: NDArray[np.integer]) -> dict[int, Any]:
    """What is stored separately for some rows, by their new places."""
    return {place: some[row] for place, row in enumerate(rows.tolist()) if row in some} if some else {}
