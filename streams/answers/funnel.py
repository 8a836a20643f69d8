"""The funnel along one dimension: of all orders bought, how many came how far."""

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


def funnel_sql(by: Dimension, happened_us: int | None = None) -> str:
    """The query for the funnel by this dimension, of what had happened by a moment in UTC microseconds.

    A course's category is that of its newest listing; empty where it is not listed.
    """
    source = "order_steps"
    if happened_us is not None:
        source = bound("(SELECT * FROM order_steps WHERE occurred_at_us <= %(until)s)", {"until": happened_us})
    if by == "category":
        source = _CATEGORISED.replace("{courses}", _indented(_sums("CAST(course_id AS String) AS course", source)))
    key = _KEYS[by]
    return f"{_sums(key, source)}ORDER BY purchased DESC, {key}\n"


def key_of(by: Dimension) -> str:
    """The column that tells the rows apart."""
    return _KEYS[by]


def _sums(key: str, source: str) -> str:
    sums = ",\n".join(f"    sum(steps.{name}) AS {name}" for name in (*COUNTS, *MONEY))
    return f"SELECT\n    {key},\n{sums}\nFROM {source} AS steps\nGROUP BY {key.rpartition(' ')[2]}\n"


def _indented(sql: str) -> str:
    return "\n".join(f"        {line}" for line in sql.splitlines())


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
