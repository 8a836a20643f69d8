"""Dead letters that the journal does not have yet: what the workers have not stored yet, or stopped before."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import numpy as np

from dompet.schemas.decode import Decoded, decode
from dompet.schemas.records import RawColumn, Records
from dompet.streams.kafka.records import LogReader, LogRecord
from dompet.streams.warehouse.client import WarehouseClient

_BATCH: Final = 20_000


@dataclass
class Pending:
    """What one partition holds from the journal's end on. `first` and `last` are offsets of dead letters."""

    partition: int
    records: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    first: int = -1
    last: int = -1
    example: str = ""

    @property
    def dead(self) -> int:
        """How many of the records are dead letters."""
        return self.errors.total()

    def row(self) -> dict[str, Any]:
        """The same for a table."""
        [(mostly, often)] = self.errors.most_common(1) or [("", 0)]
        return {
            "partition": self.partition,
            "records": self.records,
            "dead": self.dead,
            "share": f"{self.dead / max(self.records, 1):.1%}",
            "first": self.first,
            "last": self.last,
            "mostly": f"{mostly} ({often:,})",
            "for_example": self.example,
        }


def find_pending(reader: LogReader, stored: Mapping[int, int], limit: int) -> list[Pending]:
    """What each partition holds that the journal does not, up to so many records of it; `stored` are next offsets."""
    count = reader.partition_count()
    return [_of_partition(reader, partition, stored.get(partition, 0), count, limit) for partition in range(count)]


def _of_partition(reader: LogReader, partition: int, position: int, count: int, limit: int) -> Pending:
    low, high = reader.ends(partition)
    first = max(low, position)
    found, records = Pending(partition), reader.between(partition, first, min(high, first + limit))
    while batch := list(islice(records, _BATCH)):
        _add(found, decode(_columns(batch, count)))
    return found


def _columns(batch: list[LogRecord], count: int) -> Records:
    return Records(
        np.array([one.place.partition for one in batch], dtype=np.int32),
        np.array([one.place.offset for one in batch], dtype=np.int64),
        np.array([one.timestamp_us for one in batch], dtype=np.int64),
        RawColumn.of([one.key for one in batch]),
        RawColumn.of([one.value for one in batch]),
        count,
    )


def _add(found: Pending, decoded: Decoded) -> None:
    found.records += len(decoded.records)
    for row, fault in decoded.dead.items():
        offset = int(decoded.records.offset[row])
        found.first = offset if found.first < 0 else found.first
        found.last = offset
        found.example = found.example or str(fault)
        found.errors[type(fault).__name__] += 1


def stored_offsets(client: WarehouseClient, topic: str) -> dict[int, int]:
    """By partition, the next offset that the journal lacks."""
    rows = client.read("SELECT partition, next_offset FROM checkpoints WHERE topic = %(topic)s", {"topic": topic})
    return {int(row["partition"]): int(row["next_offset"]) for row in rows.to_pylist()}
