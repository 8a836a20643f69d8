"""The funnel along one dimension: of all orders bought, how many came how far."""

from collections.abc import Mapping
from typing import Final, Literal

from dompet.streams.warehouse.base import bound

Dimension = Literal["platform", "institution", "course", "category", "wave"]
COUNTS: Final = ("purchased", "redeemed", "attended", "completed", "reviewed", "refunded", "flagged", "cleared")
MONEY: Final = ("paid", "unfinished_paid")

_KEYS: Final[dict[Dimension, str]] = {
    "platform": "platform_id",
    "institution": "institution_id",
    "course": "course_id",
    "category": "category",
    "wave": "wave",
}


def funnel_sql(by: Dimension, happened_us: int | None = None, where: str = "") -> str:
    """The query for the funnel by this dimension, of what had happened by a moment in UTC microseconds; `where` is a
    condition on platform_id, institution_id, course_id or wave.

    A course's category is that of its newest listing; empty where it is not listed.
    """
    source = "order_steps" if happened_us is None else bound(_UNTIL, {"until": happened_us})
    if by == "category":
        courses = _sums("CAST(course_id AS String) AS course", source, where)
        source, where = _CATEGORISED.replace("{courses}", _indented(courses)), ""
    key = _KEYS[by]
    return f"{_sums(key, source, where)}ORDER BY purchased DESC, {key}\n"


def key_of(by: Dimension) -> str:
    """The column that distinguishes the rows."""
    return _KEYS[by]


def _sums(key: str, source: str, where: str) -> str:
    sums = ",\n".join(f"    sum(steps.{name}) AS {name}" for name in (*COUNTS, *MONEY))
    only = f"WHERE {where}\n" if where else ""
    return f"SELECT\n    {key},\n{sums}\nFROM {source} AS steps\n{only}GROUP BY {key.rpartition(' ')[2]}\n"


def _indented(sql: str) -> str:
    return "\n".join(f"        {line}" for line in sql.splitlines())


def _columns(counts: Mapping[str, str]) -> str:
    """The columns of `order_steps`, its texts plain: servers that are old unite no others."""
    texts = (f"CAST({name} AS String) AS {name}" for name in ("platform_id", "institution_id", "course_id"))
    numbers = (f"{counts[name]} AS {name}" for name in (*COUNTS, *MONEY))
    return ",\n        ".join((*texts, "wave", *numbers))


_NONE: Final = dict.fromkeys((*COUNTS, *MONEY), "0")
_STEPS: Final = _columns({name: name for name in _NONE} | {"attended": "0"})
_OUT_OF_ORDER: Final = _columns(
    _NONE | {"attended": "NOT refund", "unfinished_paid": "if(refund, order_price, toInt64(0))"}
)
_UNTIL: Final = f"""(
    SELECT
        {_STEPS}
    FROM order_steps
    WHERE occurred_at_us <= %(until)s
    UNION ALL
    SELECT
        {_OUT_OF_ORDER}
    FROM
    (
        SELECT
            platform_id,
            any(order_institution_id) AS institution_id,
            any(order_course_id) AS course_id,
            any(wave_after) AS wave,
            any(journal_rows.order_price) AS order_price,
            CAST(type = 'PurchaseRefunded' AS UInt8) AS refund
        FROM journal_rows
        PREWHERE outcome = 'accepted' AND occurred_at_us <= %(until)s
            AND ((type = 'AttendanceRecorded' AND present = 1)
                OR (type = 'PurchaseRefunded' AND order_purchased_at_us > %(until)s))
        GROUP BY beneficiary_id, platform_id, order_id, refund
    )
)"""  # noqa: S608
"""The steps that had happened. `order_steps` has the session that was reported first; another may have been earlier.
And a refund may have happened before its purchase, whose price was then not paid yet.
"""

_CATEGORISED: Final = """(
    SELECT *
    FROM
    (
{courses}
    ) AS sold
    ANY LEFT JOIN
    (
        SELECT course_id AS course, CAST(argMax(courses.category, valid_from) AS String) AS category
        FROM courses
        GROUP BY course_id
    ) AS listed
    USING course
)"""
