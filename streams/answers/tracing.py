"""An order or an event by its id: whose it is, and what became of it."""

from typing import Final

from dompet.streams.answers.wallet import MONEY
from dompet.streams.terminal.tables import Row
from dompet.streams.warehouse.base import bound

ORDER_FACTS: Final = (
    *("beneficiary_id", "platform_id", "order_id", "state", "course_id", "institution_id", "price", "commission"),
    *("purchased_at", "redeemed_at", "attended", "completed_at", "certificate_id", "score", "reviewed_at", "rating"),
    *("refunded", "flags", "cleared"),
)
"""The columns of `orders` that describe an order."""
EVENT_COLUMNS: Final = ("occurred_at", "recorded_at", "type", "event_id", "publisher_id", "amount", "outcome", "reason")
"""The columns of `timeline` that describe an order's events."""


def orders_sql(order_id: str, platform_id: str | None = None) -> str:
    """The query for the orders of an id: the same id under two people, or on two platforms, is two orders."""
    return bound(f"SELECT *\nFROM orders\nWHERE {_of_order(platform_id)}\n{_SORTED}", _given(order_id, platform_id))


def order_events_sql(order_id: str, platform_id: str | None = None) -> str:
    """The query for all events that name the order, the rejected ones too, in the log's order."""
    sql = f"SELECT *\nFROM timeline\nWHERE {_of_order(platform_id)}\nORDER BY beneficiary_id, partition, offset\n"
    return bound(sql, _given(order_id, platform_id))


def events_sql(event_id: str) -> str:
    """The query for the records of the log with this event_id: what each says, and what became of it."""
    sql = "SELECT *\nFROM journal\nWHERE event_id = %(event_id)s\nORDER BY partition, offset\n"
    return bound(sql, {"event_id": event_id})


def money_in(row: Row) -> list[str]:
    """The columns of a row of `journal` that are rupiah: the event's own, its effects, and the sums after it."""
    amounts = {"amount", "price", "commission", *MONEY}
    return [name for name in row if _plain(name) in amounts]


def _plain(name: str) -> str:
    return name.removesuffix("_change").removesuffix("_after").removeprefix("order_")


_SORTED: Final = "ORDER BY beneficiary_id, platform_id\n"


def _of_order(platform_id: str | None) -> str:
    return "order_id = %(order_id)s" + (" AND platform_id = %(platform_id)s" if platform_id is not None else "")


def _given(order_id: str, platform_id: str | None) -> dict[str, str | None]:
    return {"order_id": order_id, "platform_id": platform_id}
