"""What the last `dompet verify` found: a row that outlives rebuilds, for /metrics and the pipeline's page."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa

from dompet.streams.warehouse.client import WarehouseClient

_TABLE: Final = "verification_rows"
_LAST_SQL: Final = (
    "SELECT at_us, toInt64(holds) AS held, differences, records FROM verification_rows"
    " WHERE topic = %(topic)s ORDER BY at_us DESC LIMIT 1"
)
_ID_BYTES: Final = 8


@dataclass(frozen=True)
class Verified:
    """A verification: when it ended, in UTC microseconds; whether all that was compared is what the log says; how many
    differences were found; and how many records of the log were read.
    """

    at_us: int
    holds: bool
    differences: int
    records: int

    @property
    def at(self) -> datetime:
        """The same moment, in UTC."""
        return datetime.fromtimestamp(self.at_us / 1e6, UTC)


def record(
    client: WarehouseClient, topic: str, begin: int, upto: Mapping[int, int], records: int, differences: int
) -> None:
    """Write down what was found just now. Raises DompetError where the warehouse does not take it."""
    row = {
        "run_id": pa.array([secrets.token_hex(_ID_BYTES)]),
        "at_us": pa.array([time.time_ns() // 1000], pa.int64()),
        "topic": pa.array([topic]),
        "from_offset": pa.array([begin], pa.int64()),
        "upto": pa.array([",".join(f"{partition}:{offset}" for partition, offset in sorted(upto.items()))]),
        "records": pa.array([records], pa.int64()),
        "holds": pa.array([int(not differences)], pa.uint8()),
        "differences": pa.array([differences], pa.int64()),
    }
    client.insert(_TABLE, pa.table(row))


def last_verified(read: Callable[[str, Mapping[str, Any]], pa.Table], topic: str) -> Verified | None:
    """What the last one found of this log; None where there was none. Raises DompetError."""
    for row in read(_LAST_SQL, {"topic": topic}).to_pylist():
        return Verified(row["at_us"], bool(row["held"]), row["differences"], row["records"])
    return None
