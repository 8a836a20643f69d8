"""Lists of orders: their way from purchase to review, and how many there are."""

from typing import Final

from dompet.streams.answers.by_keys import ByKeys, orders_of_keys
from dompet.streams.answers.filters import Filters
from dompet.streams.answers.narrow import orders_of
from dompet.streams.answers.question import Question

_ORDER: Final = (
    *("beneficiary_id", "platform_id", "order_id", "wave", "state", "course_id", "institution_id", "price"),
    *("commission", "purchased_at", "redeemed_at", "completed_at", "reviewed_at", "refunded_at", "certificate_id"),
    *("rating", "flags", "cleared_at", "cleared_by", "clearing_note"),
)
_STEPS: Final = {
    "purchased": "1",
    "redeemed": "redeemed_at IS NOT NULL",
    "attended": "notEmpty(attended)",
    "completed": "completed_at IS NOT NULL",
    "reviewed": "reviewed_at IS NOT NULL",
    "refunded": "refunded_at IS NOT NULL",
    "flagged": "length(flags) != 0",
    "cleared": "cleared_at IS NOT NULL",
}
_OF_ORDERS: Final = {
    "platform": "platform_id = %(platform)s",
    "institution": "institution_id = %(institution)s",
    "course": "course_id = %(course)s",
    "category": "course_id IN (SELECT course_id FROM courses GROUP BY course_id"
    " HAVING argMax(category, valid_from) = %(category)s)",
    "wave": "wave = %(wave)s",
    "decree": "decree = %(decree)s",
    "person": "beneficiary_id = %(person)s",
    "state": "state = %(state)s",
    "flag": "has(flags, %(flag)s)",
    "begin_us": "purchased_at >= toDateTime(intDiv(%(begin_us)s, 1000000), 'UTC')",
    "end_us": "purchased_at <= toDateTime(intDiv(%(end_us)s, 1000000), 'UTC')",
    "judgement": "(beneficiary_id, platform_id, order_id) IN (SELECT beneficiary_id, platform_id, order_id"
    " FROM sale_judgements WHERE has(judgements, %(judgement)s))",
}


def _of_orders(filters: Filters) -> str:
    steps = [_STEPS[filters.step]] if filters.step else []
    unfinished = ["state IN ('purchased', 'redeemed')"] if filters.only == "open" else []
    return filters.where(_OF_ORDERS, *steps, *unfinished)


def _asks_others(filters: Filters) -> bool:
    """Whether a filter is of the owners or endings of orders."""
    return filters.wave is not None or filters.decree is not None or filters.step in ("refunded", "cleared")


def orders_counted(filters: Filters) -> str:
    """A query with as many rows as there are orders: it looks for their owners and endings where a filter does."""
    view = "order_history" if _asks_others(filters) else "orders"
    return f"SELECT order_id\nFROM {view}\nWHERE {_of_orders(filters)}"


def _keys_sql(filters: Filters) -> str | None:
    if _asks_others(filters):
        return None
    return f"SELECT purchased_at, beneficiary_id, platform_id, order_id\nFROM orders\nWHERE {_of_orders(filters)}"


def orders_sql(filters: Filters) -> str:
    """The query for orders, those bought last first."""
    where = _of_orders(filters)
    return f"""SELECT {", ".join(_ORDER)}
FROM {orders_of("order_history", filters)}
WHERE {where}
ORDER BY purchased_at DESC, beneficiary_id, platform_id, order_id"""  # noqa: S608


ORDERS: Final = Question(
    "orders",
    "Orders with their way from purchase to review, those bought last first.",
    _ORDER,
    orders_sql,
    (
        *("platform", "institution", "course", "category", "wave", "decree", "person"),
        *("state", "step", "flag", "judgement", "only", "from", "to"),
    ),
    ("-purchased_at", "beneficiary_id", "platform_id", "order_id"),
    personal=True,
    counted=orders_counted,
    by_keys=ByKeys(_keys_sql, orders_of_keys(_ORDER)),
)
