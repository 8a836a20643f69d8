"""Rejections for the publisher who sent them, and exceptions: money that moved though the event was rejected."""

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


def exceptions_sql(*, unsettled: bool = False) -> str:
    """The query for exceptions, the largest amounts first; `unsettled`: only those that no later event settled."""
    where = "WHERE settled = 'no'\n" if unsettled else ""
    return f"SELECT *\nFROM exceptions\n{where}ORDER BY settled, amount DESC, beneficiary_id, type, reference\n"


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
