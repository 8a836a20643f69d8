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
FROM
(
    SELECT partition, next_offset, recorded_at_us
    FROM checkpoint_rows FINAL
    WHERE topic = %(topic)s AND rows > 0
    ORDER BY partition, next_offset DESC
    LIMIT 1 BY partition
)
UNION ALL
SELECT 'partitions' AS what, toInt64(0) AS at, toInt64(max(partition_count)) AS number, toInt64(0) AS moment
FROM checkpoint_rows
WHERE topic = %(topic)s"""
"""The vector of the checkpoints of a topic, and how many partitions it has."""
_MARKS_SQL: Final = "".join(
    f" UNION ALL SELECT '{table}' AS what, toInt64(0) AS at,"  # noqa: S608
    f" toInt64(count()) AS number, toInt64({newest}) AS moment FROM {table}"
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
_GENERATIONS: Final = "generation_rows"
_CATALOGUE: Final = ("platform_rows", "institution_rows", "course_rows")


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
    journal: str = ""
    """Equal while rows of the journal that are below the position are what they were."""
    catalogue: str = ""
    """Equal while the catalogue is what it was."""

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
    found = client.read(POSITION_SQL + _MARKS_SQL, {"topic": topic}).to_pylist()
    rows = [row for row in found if row["what"] == "checkpoint"]
    [shape] = [row for row in found if row["what"] == "partitions"]
    moments = [row["moment"] for row in rows]
    content = repr(sorted((row["what"], row["at"], row["number"], row["moment"]) for row in found))
    return Position(
        topic,
        {row["at"]: row["number"] for row in rows},
        datetime.fromtimestamp(max(moments) / 1e6, UTC) if moments and max(moments) > 0 else None,
        shape["number"],
        hashlib.sha256(content.encode()).hexdigest()[:16],
        time.monotonic(),
        next(repr(row) for row in found if row["what"] == _GENERATIONS),
        repr(sorted((row["what"], row["number"], row["moment"]) for row in found if row["what"] in _CATALOGUE)),
    )
