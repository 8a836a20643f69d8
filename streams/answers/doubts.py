"""What somebody should look at: unfinished, held and flagged orders, money that moved though rejected, patterns."""

from typing import Final

from dompet.streams.answers.by_keys import ByKeys, orders_of_keys
from dompet.streams.answers.filters import Filters
from dompet.streams.answers.question import Question
from dompet.streams.answers.rejections import Exceptions
from dompet.streams.answers.rows_behind import Rows
from dompet.streams.answers.unfinished import KEYS, ORDER, unfinished_orders_sql, unfinished_sql

_ORDER: Final = {
    "platform": "platform_id = %(platform)s",
    "institution": "institution_id = %(institution)s",
    "course": "course_id = %(course)s",
    "wave": "wave = %(wave)s",
    "flag": "has(flags, %(flag)s)",
}
_IS_FLAGGED: Final = "length(flags) != 0"


def unfinished_of(filters: Filters) -> str:
    """The query for what was paid for courses that nobody finished, as `dompet unfinished` asks it."""
    by = filters.by if filters.by in KEYS else "platform"
    key = KEYS[by]
    named = f"toString({key})" if by == "wave" else key
    counts = "toInt64(orders) AS orders, toInt64(paid) AS paid"
    redeemed = "toInt64(not_redeemed) AS not_redeemed, toInt64(not_redeemed_paid) AS not_redeemed_paid"
    inner = unfinished_sql(by, filters.happened_us).strip()
    return f"SELECT {named} AS subject, {counts}, {redeemed}\nFROM\n(\n{inner}\n)\nORDER BY paid DESC, subject"


def unfinished_orders_of(filters: Filters) -> str:
    """The query for the orders themselves, those that cost most first."""
    where = filters.where({name: _ORDER[name] for name in ("platform", "institution", "course")})
    inner = unfinished_orders_sql(filters.happened_us).strip()
    return f"SELECT *\nFROM\n(\n{inner}\n)\nWHERE {where}"


def _orders(view: str, columns: tuple[str, ...], filters: Filters) -> str:
    return f"SELECT {', '.join(columns)}\nFROM {view}\nWHERE {filters.where(_ORDER)}"


def held_sql(filters: Filters) -> str:
    """The query for the doubtful orders for which incentives are held."""
    return _orders("held", _HELD, filters)


def flagged_sql(filters: Filters) -> str:
    """The query for orders that carry flags, whether cleared or not."""
    return _orders("flagged", _FLAGGED, filters)


def _flagged_keys(filters: Filters) -> str | None:
    if filters.wave is not None:
        return None
    return (
        f"SELECT price, beneficiary_id, platform_id, order_id\nFROM orders\nWHERE {filters.where(_ORDER, _IS_FLAGGED)}"
    )


def exceptions_of(filters: Filters) -> str:
    """The query for money that moved though its event was rejected, as `dompet exceptions` asks it."""
    where = filters.where(
        {
            "platform": "platform_id = %(platform)s",
            "reason": "reason = %(reason)s",
            "type": "type = %(type)s",
            "person": "beneficiary_id = %(person)s",
        },
        *(["settled = 'yes'"] if filters.only == "settled" else []),
    )
    inner = Exceptions(unsettled=filters.only == "open").sql().strip()
    return f"SELECT {', '.join(_EXCEPTION)}\nFROM\n(\n{inner}\n)\nWHERE {where}"


def exception_sums_sql(filters: Filters) -> str:
    """The query for how much moved though rejected, by the kind of event."""
    return f"""SELECT
    type,
    toInt64(count()) AS cases,
    sum(exceptions.amount) AS moved,
    sumIf(exceptions.amount, settled = 'no') AS unsettled
FROM exceptions
WHERE {filters.where({"platform": "platform_id = %(platform)s"})}
GROUP BY type
ORDER BY moved DESC, type"""  # noqa: S608


def patterns_sql(filters: Filters) -> str:
    """The query for cases of patterns that the rules let through."""
    where = filters.where({"pattern": "pattern = %(pattern)s", "platform": "platform_id = %(platform)s"})
    return f"""SELECT pattern, subject, platform_id, people, orders, institutions, paid, first_at, last_at
FROM suspicious
WHERE {where}"""  # noqa: S608


def owners_sql(filters: Filters) -> str:
    """The query for sales of platforms for institutions that they own, by both."""
    return f"""SELECT
    platform_id,
    institution_id,
    toInt64(count()) AS sales,
    sum(sale_judgements.price) AS paid
FROM sale_judgements
WHERE {filters.where({"platform": "platform_id = %(platform)s"}, "has(judgements, 'same_owner')")}
GROUP BY platform_id, institution_id"""  # noqa: S608


_OF_ORDER: Final = ("beneficiary_id", "platform_id", "order_id")
_FLAGGED: Final = (
    *_OF_ORDER,
    *("wave", "course_id", "institution_id", "price", "state", "completed_at", "flags", "cleared_at", "cleared_by"),
)
_HELD: Final = (
    *_OF_ORDER,
    *("wave", "course_id", "institution_id", "price", "completed_at", "reviewed_at", "flags"),
)
_EXCEPTION: Final = (
    *("beneficiary_id", "type", "platform_id", "reference", "publisher_id", "amount", "reason", "rejections"),
    *("since", "last_recorded_at", "settled", "settled_at", "accepted_amount"),
)
UNFINISHED: Final = Question(
    "unfinished",
    "What was paid for courses that nobody finished, now or as of a day.",
    ("subject", "orders", "paid", "not_redeemed", "not_redeemed_paid"),
    unfinished_of,
    ("by", "as_of"),
    ("-paid", "subject"),
    dict.fromkeys(("orders", "paid"), Rows("unfinished-orders", {}, {"by": "subject"})),
)
UNFINISHED_ORDERS: Final = Question(
    "unfinished-orders",
    "Orders that are paid and neither completed nor refunded, now or as of a day; those that cost most first.",
    ORDER,
    unfinished_orders_of,
    ("platform", "institution", "course", "as_of"),
    ("-price", "purchased_at", *_OF_ORDER),
    personal=True,
)
HELD: Final = Question(
    "held",
    "Doubtful orders for which a person's incentive is held.",
    _HELD,
    held_sql,
    ("platform", "institution", "wave", "flag"),
    ("-price", *_OF_ORDER),
    personal=True,
)
FLAGGED: Final = Question(
    "flagged",
    "Orders that carry flags, whether cleared or not.",
    _FLAGGED,
    flagged_sql,
    ("platform", "institution", "wave", "flag"),
    ("-price", *_OF_ORDER),
    personal=True,
    by_keys=ByKeys(_flagged_keys, orders_of_keys(_FLAGGED)),
)
EXCEPTIONS: Final = Question(
    "exceptions",
    "Money that moved outside though its event was rejected, the largest amounts first.",
    _EXCEPTION,
    exceptions_of,
    ("platform", "type", "reason", "person", "only"),
    ("-amount", "beneficiary_id", "type", "platform_id", "reference"),
    personal=True,
)
EXCEPTION_SUMS: Final = Question(
    "exception-sums",
    "How much moved though its event was rejected, by the kind of event.",
    ("type", "cases", "moved", "unsettled"),
    exception_sums_sql,
    ("platform",),
    ("-moved", "type"),
    {
        **dict.fromkeys(("cases", "moved"), Rows("exceptions", {}, {"type": "type"})),
        "unsettled": Rows("exceptions", {"only": "open"}, {"type": "type"}),
    },
)  # fmt: skip
PATTERNS: Final = Question(
    "patterns",
    "Cases of patterns that the rules let through, and somebody should look at.",
    ("pattern", "subject", "platform_id", "people", "orders", "institutions", "paid", "first_at", "last_at"),
    patterns_sql,
    ("pattern", "platform"),
    ("pattern", "-paid", "subject", "platform_id"),
    personal=True,
)
OWNERS: Final = Question(
    "owners",
    "Sales of platforms for institutions that they own.",
    ("platform_id", "institution_id", "sales", "paid"),
    owners_sql,
    ("platform",),
    ("-paid", "platform_id", "institution_id"),
    dict.fromkeys(
        ("sales", "paid"),
        Rows("orders", {"judgement": "same_owner"}, {"platform": "platform_id", "institution": "institution_id"}),
    ),
)
