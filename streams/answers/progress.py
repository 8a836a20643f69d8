"""How far orders came, and how long clawbacks have been outstanding."""

from datetime import UTC, datetime
from typing import Final

from dompet.streams.answers.filters import AGES, Filters
from dompet.streams.answers.funnel import COUNTS, Dimension, funnel_sql, key_of
from dompet.streams.answers.programme import EFFECTS
from dompet.streams.answers.question import Question
from dompet.streams.answers.rows_behind import CLOCKS, Rows
from dompet.streams.warehouse.base import bound

_DIMENSIONS: Final = {
    "platform": "platform_id = %(platform)s",
    "institution": "institution_id = %(institution)s",
    "course": "course_id = %(course)s",
    "wave": "wave = %(wave)s",
    "category": "course_id IN (SELECT course_id FROM courses GROUP BY course_id"
    " HAVING argMax(category, valid_from) = %(category)s)",
}
DAY_US: Final = 86_400_000_000
AGE_DAYS: Final = (30, 60, 90)
"""Below which each of the ages but the last one is."""
CLAWBACK_SUMS: Final = """sum(clawback_ordered_change) AS ordered,
        sum(clawback_repaid_change) AS repaid,
        maxIf(occurred_at_us, type = 'ClawbackOrdered') AS ordered_us"""
"""Of a clawback's events."""


def funnel_of(filters: Filters) -> str:
    """The query for the funnel, as `dompet funnel` asks it, with filters."""
    by: Dimension = filters.by or "platform"  # type: ignore[assignment]
    where = filters.where(_DIMENSIONS)
    plain = funnel_sql(by, filters.happened_us, "" if where == "1" else where)
    named = f"toString({key_of(by)})" if by == "wave" else key_of(by)
    counts = ", ".join(f"toInt64({name}) AS {RENAMED.get(name, name)}" for name in COUNTS)
    money = "toInt64(paid) AS paid, toInt64(unfinished_paid) AS unfinished_paid"
    inner = "\n".join(f"    {line}" for line in plain.strip().splitlines())
    return f"SELECT {named} AS subject, {counts}, {money}\nFROM\n(\n{inner}\n)\nORDER BY purchased DESC, subject"


RENAMED: Final = {"refunded": "refunded_orders"}


def ages_sql(filters: Filters) -> str:
    """The query for clawbacks that are not repaid in full, by how long ago they were ordered: at a moment, else now."""
    return f"""SELECT
    age,
    toInt64(count()) AS clawbacks,
    sum(of_ages.ordered) AS ordered,
    sum(of_ages.repaid) AS repaid,
    ordered - repaid AS outstanding
FROM
(
    SELECT
        {age_of("ordered_us", filters.happened_us)} AS age,
        {CLAWBACK_SUMS}
    FROM journal
    WHERE {filters.where(EFFECTS, "outcome = 'accepted'", "type IN ('ClawbackOrdered', 'ClawbackRepaid')")}
    GROUP BY beneficiary_id, clawback_id
    HAVING ordered > repaid
) AS of_ages
GROUP BY age
ORDER BY age"""  # noqa: S608


def end_of_today_us() -> int:
    """When this day ends, in UTC microseconds."""
    return (int(datetime.now(UTC).timestamp()) * 1_000_000 // DAY_US + 1) * DAY_US


def age_of(since_us: str, happened_us: int | None) -> str:
    """In SQL, which of the ages a moment has; of today, to its end in Asia/Jakarta, where no other is given."""
    at_us = happened_us if happened_us is not None else end_of_today_us()
    days = bound(f"intDiv(%(at)s - {since_us}, {DAY_US})", {"at": at_us})
    cases = ", ".join(f"{days} < {limit}, '{age}'" for limit, age in zip(AGE_DAYS, AGES, strict=False))
    return f"multiIf({cases}, '{AGES[-1]}')"


_ORDERS_OF: Final = {RENAMED.get(name, name): Rows("orders", {"step": name}, {"by": "subject"}) for name in COUNTS}
FUNNEL: Final = Question(
    "funnel",
    "How many orders came how far, by platform, institution, course, category or wave.",
    ("subject", *(RENAMED.get(name, name) for name in COUNTS), "paid", "unfinished_paid"),
    funnel_of,
    ("by", "platform", "institution", "course", "category", "wave", "as_of"),
    ("-purchased", "subject"),
    {
        **_ORDERS_OF,
        "paid": _ORDERS_OF["purchased"],
        "unfinished_paid": Rows("unfinished-orders", {}, {"by": "subject"}),
    },
)
AGES_OF_CLAWBACKS: Final = Question(
    "clawback-ages",
    "Clawbacks that are not repaid in full, by how long ago they were ordered.",
    ("age", "clawbacks", "ordered", "repaid", "outstanding"),
    ages_sql,
    ("wave", "decree", "as_of", "known_at"),
    ("age",),
    dict.fromkeys(
        ("clawbacks", "ordered", "repaid", "outstanding"),
        Rows("clawbacks", {"only": "open"}, {"age": "age"}, unless=CLOCKS),
    ),
)
