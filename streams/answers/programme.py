"""The programme as a whole: where the money is, what happened when, how far orders came, what is owed and asked back."""

from datetime import UTC, datetime
from typing import Final

from dompet.streams.answers.columns import Kind
from dompet.streams.answers.filters import AGES, Filters
from dompet.streams.answers.funnel import COUNTS, Dimension, funnel_sql, key_of
from dompet.streams.answers.question import Question, Rows
from dompet.streams.warehouse.base import bound

CONSERVED: Final = ("total_credited", "net_spent", "total_returned", "remaining", "difference")
_CLOCKS: Final = {
    "happened_us": "occurred_at_us <= %(happened_us)s",
    "known_us": "recorded_at_us <= %(known_us)s",
}
_WALLETS: Final = {"wave": "wave = %(wave)s", "decree": "decree = %(decree)s"}
_EFFECTS: Final = {**_CLOCKS, "wave": "wave_after = %(wave)s", "decree": "decree_after = %(decree)s"}
_DIMENSIONS: Final = {
    "platform": "platform_id = %(platform)s",
    "institution": "institution_id = %(institution)s",
    "course": "course_id = %(course)s",
    "wave": "wave = %(wave)s",
    "category": "course_id IN (SELECT course_id FROM courses GROUP BY course_id"
    " HAVING argMax(category, valid_from) = %(category)s)",
}
_SUMS: Final = """{people} AS {named},
    sum({credited}) AS total_credited,
    sum({spent}) - sum({refunded}) AS net_spent,
    sum({returned}) AS total_returned,
    {remaining} AS remaining,
    total_credited - net_spent - total_returned - remaining AS difference"""
_OWED: Final = """
    sum({incentive_due}) AS incentive_due,
    sum({incentive_paid}) AS incentive_paid,
    incentive_due - incentive_paid AS incentive_outstanding,
    sum({clawback_ordered}) AS clawback_ordered,
    sum({clawback_repaid}) AS clawback_repaid,
    clawback_ordered - clawback_repaid AS clawback_outstanding"""
_MONEY: Final = (
    *("credited", "spent", "refunded", "returned"),
    *("incentive_due", "incentive_paid", "clawback_ordered", "clawback_repaid"),
)


def _sums(source: str, named: str, *, owed: bool) -> str:
    """Sums over wallets now, or over the effects of events: `source` is wallets or journal."""
    now = source == "wallets"
    names = {name: f"{source}.{name}" if now else f"{name}_change" for name in _MONEY}
    remaining = "sum(wallets.balance)" if now else "total_credited - net_spent - total_returned"
    people = "toInt64(count())" if now else "toInt64(uniqExact(beneficiary_id))"
    sums = _SUMS.format(people=people, named=named, remaining=remaining, **names)
    return f"{sums},{_OWED.format(**names)}" if owed else sums


def totals_sql(filters: Filters) -> str:
    """The query for where all money is, one row: now, or as of a moment on either clock."""
    if filters.happened_us is None and filters.known_us is None:
        return f"SELECT\n    {_sums('wallets', 'people', owed=True)}\nFROM wallets\nWHERE {filters.where(_WALLETS)}"
    where = filters.where(_EFFECTS, "outcome = 'accepted'")
    return f"SELECT\n    {_sums('journal', 'people', owed=True)}\nFROM journal\nWHERE {where}"


def waves_sql(filters: Filters) -> str:
    """The same for each wave and decree; now it is the view `conservation`."""
    if filters.happened_us is None and filters.known_us is None:
        columns = ", ".join(("wave", "decree", "wallets", *CONSERVED))
        return f"SELECT {columns}\nFROM conservation\nWHERE {filters.where(_WALLETS)}\nORDER BY wave, decree"
    where = filters.where(_EFFECTS, "outcome = 'accepted'")
    return f"""SELECT
    wave_after AS wave,
    decree_after AS decree,
    {_sums("journal", "wallets", owed=False)}
FROM journal
WHERE {where}
GROUP BY wave, decree
ORDER BY wave, decree"""  # noqa: S608


def days_sql(filters: Filters) -> str:
    """The query for what was credited, sold, refunded and completed on each day or in each month, in Asia/Jakarta."""
    day = "toDate(toUInt16(intDiv(occurred_at_us + 25200000000, 86400000000)))"
    day = f"toStartOfMonth({day})" if filters.grain == "month" else day
    where = filters.where(
        {
            **_EFFECTS,
            "platform": "platform_id = %(platform)s",
            "institution": "order_institution_id = %(institution)s",
            "begin_us": "occurred_at_us >= %(begin_us)s",
            "end_us": "occurred_at_us <= %(end_us)s",
        },
        "outcome = 'accepted'",
    )
    return f"""SELECT
    {day} AS day,
    sum(credited_change) AS credited,
    toInt64(countIf(type = 'CoursePurchased')) AS sales,
    sum(spent_change) AS sold,
    toInt64(countIf(type = 'PurchaseRefunded')) AS refunds,
    sum(refunded_change) AS refunded,
    toInt64(countIf(type = 'CourseCompleted')) AS completions,
    sum(incentive_paid_change) AS incentives_paid
FROM journal
WHERE {where}
GROUP BY day
ORDER BY day"""  # noqa: S608


def funnel_of(filters: Filters) -> str:
    """The query for the funnel, as `dompet funnel` asks it, with filters."""
    by: Dimension = filters.by or "platform"  # type: ignore[assignment]
    where = filters.where(_DIMENSIONS)
    plain = funnel_sql(by, filters.happened_us, "" if where == "1" else where)
    named = f"toString({key_of(by)})" if by == "wave" else key_of(by)
    counts = ", ".join(f"toInt64({name}) AS {_RENAMED.get(name, name)}" for name in COUNTS)
    money = "toInt64(paid) AS paid, toInt64(unfinished_paid) AS unfinished_paid"
    inner = "\n".join(f"    {line}" for line in plain.strip().splitlines())
    return f"SELECT {named} AS subject, {counts}, {money}\nFROM\n(\n{inner}\n)\nORDER BY purchased DESC, subject"


_RENAMED: Final = {"refunded": "refunded_orders"}


def ages_sql(filters: Filters) -> str:
    """The query for clawbacks that are not repaid in full, by how long ago they were ordered: at a moment, else now."""
    return f"""SELECT
    age,
    toInt64(count()) AS clawbacks,
    sum(ordered_of_one) AS ordered,
    sum(repaid_of_one) AS repaid,
    ordered - repaid AS outstanding
FROM
(
    SELECT
        {age_of("ordered_us", filters.happened_us)} AS age,
        sum(clawback_ordered_change) AS ordered_of_one,
        sum(clawback_repaid_change) AS repaid_of_one,
        maxIf(occurred_at_us, type = 'ClawbackOrdered') AS ordered_us
    FROM journal
    WHERE {filters.where(_EFFECTS, "outcome = 'accepted'", "type IN ('ClawbackOrdered', 'ClawbackRepaid')")}
    GROUP BY beneficiary_id, clawback_id
    HAVING ordered_of_one > repaid_of_one
)
GROUP BY age
ORDER BY age"""  # noqa: S608


def age_of(since_us: str, happened_us: int | None) -> str:
    """In SQL, which of the ages a moment has; of today, to its end in Asia/Jakarta, where no other is given."""
    day_us = 86_400_000_000
    now_us = int(datetime.now(UTC).timestamp()) * 1_000_000
    at_us = happened_us if happened_us is not None else (now_us // day_us + 1) * day_us
    days = bound(f"intDiv(%(at)s - {since_us}, {day_us})", {"at": at_us})
    cases = ", ".join(f"{days} < {limit}, '{age}'" for limit, age in zip((30, 60, 90), AGES, strict=False))
    return f"multiIf({cases}, '{AGES[-1]}')"


def statuses_sql(filters: Filters) -> str:
    """The query for how many wallets are in each status, and what they hold."""
    return f"""SELECT
    status,
    toInt64(count()) AS people,
    sum(wallets.credited) AS total_credited,
    sum(wallets.balance) AS remaining,
    toInt64(countIf(held != 0)) AS held_people
FROM wallets
WHERE {filters.where(_WALLETS)}
GROUP BY status
ORDER BY people DESC, status"""  # noqa: S608


_ORDERS_OF: Final = {_RENAMED.get(name, name): Rows("orders", {"step": name}, {"by": "subject"}) for name in COUNTS}
TOTALS: Final = Question(
    "programme",
    "Where all money is, and what is owed and asked back: one row.",
    (
        "people", *CONSERVED, "incentive_due", "incentive_paid", "incentive_outstanding",
        "clawback_ordered", "clawback_repaid", "clawback_outstanding",
    ),
    totals_sql,
    ("wave", "decree", "as_of", "known_at"),
    ("people",),
)  # fmt: skip
WAVES: Final = Question(
    "waves",
    "Each wave and decree: credited = net spent + returned + remaining.",
    ("wave", "decree", "wallets", *CONSERVED),
    waves_sql,
    ("wave", "decree", "as_of", "known_at"),
    ("wave", "decree"),
    {"wallets": Rows("wallets", {}, {"wave": "wave", "decree": "decree"})},
)
DAYS: Final = Question(
    "days",
    "What was credited, sold, refunded and completed, by day or month in Asia/Jakarta.",
    ("day", "credited", "sales", "sold", "refunds", "refunded", "completions", "incentives_paid"),
    days_sql,
    ("grain", "platform", "institution", "wave", "decree", "from", "to", "as_of", "known_at"),
    ("day",),
)
FUNNEL: Final = Question(
    "funnel",
    "How many orders came how far, by platform, institution, course, category or wave.",
    ("subject", *(_RENAMED.get(name, name) for name in COUNTS), "paid", "unfinished_paid"),
    funnel_of,
    ("by", "platform", "institution", "course", "category", "wave", "as_of"),
    ("-purchased", "subject"),
    _ORDERS_OF,
)
AGES_OF_CLAWBACKS: Final = Question(
    "clawback-ages",
    "Clawbacks that are not repaid in full, by how long ago they were ordered.",
    ("age", "clawbacks", "ordered", "repaid", "outstanding"),
    ages_sql,
    ("wave", "decree", "as_of", "known_at"),
    ("age",),
    {"clawbacks": Rows("clawbacks", {"only": "open"}, {"age": "age"})},
    kinds={"age": Kind.WORD},
)
STATUSES: Final = Question(
    "statuses",
    "How many wallets are in each status, and what they hold.",
    ("status", "people", "total_credited", "remaining", "held_people"),
    statuses_sql,
    ("wave", "decree"),
    ("-people", "status"),
    {"people": Rows("wallets", {}, {"status": "status"})},
)
