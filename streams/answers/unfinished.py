"""Orders that are paid and neither completed nor refunded, as of a moment: what courses cost that nobody finished."""

from typing import Final, Literal

from dompet.streams.warehouse.base import bound

By = Literal["platform", "institution", "course", "wave"]
SUMS: Final = ("orders", "paid", "not_redeemed", "not_redeemed_paid")
MONEY: Final = ("paid", "not_redeemed_paid")
ORDER: Final = (
    *("beneficiary_id", "platform_id", "order_id", "institution_id", "course_id"),
    *("price", "purchased_at", "redeemed_by_then"),
)
"""The columns of a list of orders."""

KEYS: Final[dict[By, str]] = {
    "platform": "platform_id",
    "institution": "institution_id",
    "course": "course_id",
    "wave": "wave",
}
_SECONDS_MAX: Final = (1 << 32) - 1
"""The last second of ClickHouse's DateTime, in 2106: no event is later."""


def unfinished_sql(by: By, happened_us: int | None = None) -> str:
    """The query for sums by this dimension, of what had happened by a moment in UTC microseconds, to its second.

    `orders` and `paid` count all of them, `not_redeemed` and `not_redeemed_paid` those that were not even redeemed.
    """
    key, until = KEYS[by], _until(happened_us)
    return f"""SELECT
    {key},
    count() AS orders,
    sum(price) AS paid,
    countIf(redeemed = 0) AS not_redeemed,
    sumIf(price, redeemed = 0) AS not_redeemed_paid
FROM
(
    SELECT
        {key},
        price,
        {_by("redeemed_at", until)} AS redeemed
    FROM order_history
    WHERE {_unfinished(until)}
)
GROUP BY {key}
ORDER BY paid DESC, {key}
"""  # noqa: S608


def unfinished_orders_sql(happened_us: int | None = None) -> str:
    """The query for the orders themselves, those that cost most first; what was redeemed later is not redeemed."""
    columns, until = ",\n    ".join(ORDER[:-1]), _until(happened_us)
    return f"""SELECT
    {columns},
    if({_by("redeemed_at", until)}, redeemed_at, NULL) AS redeemed_by_then
FROM order_history
WHERE {_unfinished(until)}
ORDER BY price DESC, purchased_at, beneficiary_id, platform_id, order_id
"""  # noqa: S608


def _unfinished(until: str) -> str:
    return f"purchased_at <= {until} AND NOT {_by('completed_at', until)} AND NOT {_by('refunded_at', until)}"


def _by(step: str, until: str) -> str:
    """Whether the step had happened by then."""
    return f"ifNull({step} <= {until}, 0)"


def _until(happened_us: int | None) -> str:
    seconds = _SECONDS_MAX if happened_us is None else min(max(happened_us // 1_000_000, 0), _SECONDS_MAX)
    return bound("toDateTime(%(seconds)s, 'UTC')", {"seconds": seconds})
