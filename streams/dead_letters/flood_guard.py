"""The flood guard: a worker stops where too many of a partition's records are dead letters.

A publisher's bad deployment must not drain the log into the dead letters. What the guard says depends on the log and on
what people have accepted, never on batches, restarts or clocks: for each dead letter it counts those among the last
`window` offsets of its partition, that letter included, and more than `share` of the window is a flood. At a log's
start, too, the whole window counts, so that its first dead letters are none.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.schemas.decode import Decoded
from dompet.schemas.errors import DompetError
from dompet.schemas.varints import Longs
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.texts import with_texts

_STORED: Final = (
    "SELECT partition, offset, error FROM dead_letter_rows FINAL WHERE topic = %(topic)s AND ({near})"
    " ORDER BY partition, offset"
)
_ACCEPTED: Final = (
    "SELECT partition, max(offset) AS offset FROM letter_action_rows FINAL"
    " WHERE topic = %(topic)s AND kind = 'accept' GROUP BY partition"
)


class FloodOfDeadLetters(DompetError):
    """Too many of a partition's records are dead letters; nothing of the batch was stored."""


class _Seen(NamedTuple):
    """Dead letters of one partition in the log's order: their offsets, and the names of their faults."""

    offset: Longs
    error: NDArray[np.object_]


_NONE: Final = _Seen(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.object_))


class FloodGuard:
    """Watches the assigned partitions of the log `topic`. `share` is more than 0, and 1 lets everything pass."""

    def __init__(self, topic: str, share: float, window: int) -> None:
        self._topic = topic
        self._share = share
        self._window = window
        self._limit = int(share * window + 1e-9)
        self._seen: dict[int, _Seen] = {}
        self._accepted: dict[int, int] = {}

    def assign(self, warehouse: Warehouse, positions: Mapping[int, int]) -> None:
        """Begin where these partitions are to be read from, with the dead letters that are stored below."""
        self._accepted = _by_partition(warehouse.read(_ACCEPTED, {"topic": self._topic}))
        near = " OR ".join(
            f"(partition = {partition} AND offset > {position - self._window} AND offset < {position})"
            for partition, position in positions.items()
        )
        self._seen = {}
        stored = with_texts(warehouse.read(_STORED.replace("{near}", near or "0"), {"topic": self._topic}))
        partition, offset = (np.array(stored[name].to_pylist(), dtype=np.int64) for name in ("partition", "offset"))
        error = np.array(stored["error"].to_pylist(), dtype=np.object_)
        for number in np.unique(partition).tolist():
            mine = (partition == number) & (offset > self._accepted.get(number, -1))
            self._seen[number] = _Seen(offset[mine], error[mine])

    def check(self, decoded: Decoded) -> None:
        """Count the batch's dead letters; FloodOfDeadLetters, with how to go on, where they are a flood."""
        if not decoded.dead:
            return
        records, rows = decoded.records, np.fromiter(decoded.dead, dtype=np.int64)
        partition, offset = records.partition[rows], records.offset[rows]
        error = np.array([type(fault).__name__ for fault in decoded.dead.values()], dtype=np.object_)
        for number in np.unique(partition).tolist():
            mine = (partition == number) & (offset > self._accepted.get(number, -1))
            before = self._seen.get(number, _NONE)
            seen = _Seen(np.concatenate([before.offset, offset[mine]]), np.concatenate([before.error, error[mine]]))
            first = np.searchsorted(seen.offset, seen.offset - self._window, side="right")
            flooded = np.flatnonzero(np.arange(1, len(first) + 1) - first > self._limit)
            if len(flooded):
                last = int(flooded[0])
                flood = _Seen(seen.offset[first[last] : last + 1], seen.error[first[last] : last + 1])
                raise self._flood(number, flood, int(records.offset[records.partition == number][0]))
            recent = seen.offset > seen.offset.max(initial=0) - self._window
            self._seen[number] = _Seen(seen.offset[recent], seen.error[recent])

    def _flood(self, partition: int, flood: _Seen, unstored: int) -> FloodOfDeadLetters:
        first, last, count = int(flood.offset[0]), int(flood.offset[-1]), len(flood.offset)
        [(error, often)] = Counter(flood.error.tolist()).most_common(1)
        return FloodOfDeadLetters(
            f"partition {partition}: {count:,} of the {self._window:,} records up to offset {last} are dead letters "
            f"({count / self._window:.1%}; --dead-share allows {self._share:.1%}), the first at offset {first}, "
            f"{often:,} of them {error}: nothing was stored from offset {unstored} on; look at them with "
            "`dompet dead-letters pending`, and to take them as dead letters all the same, start the worker with "
            f"--accept-dead-until {partition}:{last}, or a later offset"
        )


def _by_partition(rows: pa.Table) -> dict[int, int]:
    return {int(row["partition"]): int(row["offset"]) for row in rows.to_pylist()}
