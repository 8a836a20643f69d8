"""As of which place in the log the warehouse speaks, and how far that is behind the log."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from dompet.streams.warehouse.client import WarehouseClient

POSITION_SQL: Final = """SELECT 'checkpoint' AS what, toInt64(partition) AS at, toInt64(next_offset) AS number,
    toInt64(recorded_at_us) AS moment
FROM checkpoint_rows FINAL
WHERE topic = %(topic)s AND rows > 0
ORDER BY partition, next_offset DESC
LIMIT 1 BY partition"""
"""The vector of the checkpoints of a topic."""
_MARKS_SQL: Final = " UNION ALL ".join(
    f"SELECT '{table}' AS what, toInt64(0) AS at, toInt64(count()) AS number, toInt64({newest}) AS moment FROM {table}"  # noqa: S608
    for table, newest in {
        "platform_rows": "max(version)",
        "institution_rows": "max(version)",
        "course_rows": "max(version)",
        "statement_rows": "max(issued_at_us)",
        "reconciliation_rows": "max(at_us)",
        "letter_action_rows": "max(acted_at_us)",
        "generation_rows": "max(sequence)",
    }.items()
)
"""What answers depend on beside the log: the catalogue, and what people wrote."""
_PARTITIONS_SQL: Final = (
    "SELECT toInt64(max(partition_count)) AS partitions, toInt64(max(total_rows)) AS rows FROM checkpoint_rows"
    " WHERE topic = %(topic)s"
)


@dataclass(frozen=True)
class Position:
    """Up to which offset of each partition an answer knows the log; `stamp` is equal while no answer can change."""

    topic: str
    next_offsets: Mapping[int, int] = field(default_factory=dict)
    stored_at: datetime | None = None
    """When the newest of the checkpoints was stored."""
    partitions: int = 0
    stamp: str = ""
    looked_s: float = 0.0

    @property
    def records(self) -> int:
        """How many records of the log that is, where its partitions begin at 0."""
        return sum(self.next_offsets.values())

    def reached(self, partition: int, offset: int) -> bool:
        """Whether the record at this place is known."""
        return self.next_offsets.get(partition, 0) > offset

    def lag(self, ends: Mapping[int, int]) -> int:
        """How many records the log has beyond it."""
        return sum(max(end - self.next_offsets.get(partition, 0), 0) for partition, end in ends.items())


def read_position(client: WarehouseClient, topic: str) -> Position:
    """Where the warehouse is now."""
    rows = client.read(POSITION_SQL, {"topic": topic}).to_pylist()
    marks = client.read(_MARKS_SQL).to_pylist()
    [shape] = client.read(_PARTITIONS_SQL, {"topic": topic}).to_pylist()
    moments = [row["moment"] for row in rows]
    content = repr(sorted((row["what"], row["at"], row["number"], row["moment"]) for row in [*rows, *marks]))
    return Position(
        topic,
        {row["at"]: row["number"] for row in rows},
        datetime.fromtimestamp(max(moments) / 1e6, UTC) if moments and max(moments) > 0 else None,
        shape["partitions"],
        hashlib.sha256(content.encode()).hexdigest()[:16],
        time.monotonic(),
    )
