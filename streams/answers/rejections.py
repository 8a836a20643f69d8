"""Rejections for the publisher who sent them, and exceptions: money that moved though the event was rejected."""

from dataclasses import dataclass
from typing import Any

from dompet.streams.warehouse.base import bound


def rejections_sql(publisher: str | None = None, since_us: int | None = None) -> str:
    """The query for rejected events, the newest first; `since_us` is when they were recorded, UTC microseconds."""
    conditions = {
        "publisher_id = %(publisher)s": publisher,
        "recorded_at_us >= %(since_us)s": since_us,
    }
    given = [condition for condition, value in conditions.items() if value is not None]
    where = " AND ".join(["outcome = 'rejected'", *given])
    params: dict[str, Any] = {"publisher": publisher, "since_us": since_us}
    return bound(_REJECTIONS.replace("{where}", where), params)


@dataclass(frozen=True)
class Exceptions:
    """Which exceptions: those that are not settled, of a platform, of a reason, or whose event happened in a period
    (UTC microseconds, both ends included)."""

    unsettled: bool = False
    platform: str | None = None
    reason: str | None = None
    since_us: int | None = None
    until_us: int | None = None

    def sql(self) -> str:
        """The query, the largest amounts first."""
        conditions = {
            "settled = 'no'": self.unsettled or None,
            "platform_id = %(platform)s": self.platform,
            "reason = %(reason)s": self.reason,
            "since >= toDateTime(intDiv(%(since_us)s, 1000000))": self.since_us,
            "since <= toDateTime(intDiv(%(until_us)s, 1000000))": self.until_us,
        }
        given = " AND ".join(condition for condition, value in conditions.items() if value is not None)
        where = f"WHERE {given}\n" if given else ""
        order = "ORDER BY settled, amount DESC, beneficiary_id, type, reference\n"
        return bound(f"SELECT *\nFROM exceptions\n{where}{order}", vars(self))


_REJECTIONS = """SELECT
    recorded_at,
    occurred_at,
    publisher_id,
    type,
    event_id,
    beneficiary_id,
    platform_id,
    order_id,
    amount,
    reason
FROM timeline
WHERE {where}
ORDER BY recorded_at_us DESC, partition, offset DESC
"""
