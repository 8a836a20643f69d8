"""The programme as a whole: where the money is, what happened when, and what is owed and asked back."""

from typing import Final

from dompet.streams.answers.filters import Filters
from dompet.streams.answers.question import Question
from dompet.streams.answers.rows_behind import Rows

CONSERVED: Final = ("total_credited", "net_spent", "total_returned", "remaining", "difference")
OWED: Final = (
    *("incentive_due", "incentive_paid", "incentive_outstanding"),
    *("clawback_ordered", "clawback_repaid", "clawback_outstanding"),
)
_CLOCKS: Final = {
    "happened_us": "occurred_at_us <= %(happened_us)s",
    "known_us": "recorded_at_us <= %(known_us)s",
}
_WALLETS: Final = {"wave": "wave = %(wave)s", "decree": "decree = %(decree)s"}
EFFECTS: Final = {**_CLOCKS, "wave": "wave_after = %(wave)s", "decree": "decree_after = %(decree)s"}
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


DAY: Final = "toDate(toUInt16(intDiv(occurred_at_us + 25200000000, 86400000000)))"
MONTH: Final = f"toStartOfMonth({DAY})"
DAY_SUMS: Final = """sum(credited_change) AS credited,
    toInt64(countIf(type = 'CoursePurchased')) AS sales,
    sum(spent_change) AS sold,
    toInt64(countIf(type = 'PurchaseRefunded')) AS refunds,
    sum(refunded_change) AS refunded,
    toInt64(countIf(type = 'CourseCompleted')) AS completions,
    sum(incentive_paid_change) AS incentives_paid"""
"""What was credited, sold, refunded, completed and paid, in the journal."""


def _sums(source: str, named: str, *, owed: bool) -> str:
    """Sums over wallets now, or over the effects of events: `source` is wallets or journal."""
    now = source == "wallets"
    names = {name: f"{source}.{name}" if now else f"{name}_change" for name in _MONEY}
    remaining = "sum(wallets.balance)" if now else "total_credited - net_spent - total_returned"
    people = "toInt64(count())" if now else "toInt64(uniqExact(beneficiary_id))"
    sums = _SUMS.format(people=people, named=named, remaining=remaining, **names)
    return f"{sums},{_OWED.format(**names)}" if owed else sums


WALLET_SUMS: Final = _sums("wallets", "people", owed=True)
"""Where all money is now, over wallets."""


def totals_sql(filters: Filters) -> str:
    """The query for where all money is, one row: now, or as of a moment on either clock."""
    if filters.happened_us is None and filters.known_us is None:
        return f"SELECT\n    {WALLET_SUMS}\nFROM wallets\nWHERE {filters.where(_WALLETS)}"
    where = filters.where(EFFECTS, "outcome = 'accepted'")
    return f"SELECT\n    {_sums('journal', 'people', owed=True)}\nFROM journal\nWHERE {where}"


def waves_sql(filters: Filters) -> str:
    """The same for each wave and decree; now it is the view `conservation`."""
    if filters.happened_us is None and filters.known_us is None:
        columns = ", ".join(("wave", "decree", "wallets", *CONSERVED))
        return f"SELECT {columns}\nFROM conservation\nWHERE {filters.where(_WALLETS)}\nORDER BY wave, decree"
    where = filters.where(EFFECTS, "outcome = 'accepted'")
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
    day = MONTH if filters.grain == "month" else DAY
    where = filters.where(
        {
            **EFFECTS,
            "platform": "platform_id = %(platform)s",
            "institution": "order_institution_id = %(institution)s",
            "begin_us": "occurred_at_us >= %(begin_us)s",
            "end_us": "occurred_at_us <= %(end_us)s",
        },
        "outcome = 'accepted'",
    )
    return f"SELECT\n    {day} AS day,\n    {DAY_SUMS}\nFROM journal\nWHERE {where}\nGROUP BY day\nORDER BY day"


def statuses_sql(filters: Filters) -> str:
    """The query for how many wallets are in each status, and what they hold."""
    return f"""SELECT
    status,
    toInt64(count()) AS people,
    sum(wallets.credited) AS total_credited,
    sum(wallets.balance) AS remaining,
    toInt64(countIf(held = 'yes')) AS held_people
FROM wallets
WHERE {filters.where(_WALLETS)}
GROUP BY status
ORDER BY people DESC, status"""  # noqa: S608


TOTALS: Final = Question(
    "programme",
    "Where all money is, and what is owed and asked back: one row.",
    ("people", *CONSERVED, *OWED),
    totals_sql,
    ("wave", "decree", "as_of", "known_at"),
    ("people",),
)
WAVES: Final = Question(
    "waves",
    "Each wave and decree: credited = net spent + returned + remaining.",
    ("wave", "decree", "wallets", *CONSERVED),
    waves_sql,
    ("wave", "decree", "as_of", "known_at"),
    ("wave", "decree"),
    dict.fromkeys(("wallets", *CONSERVED), Rows("wallets", {}, {"wave": "wave", "decree": "decree"})),
)
DAYS: Final = Question(
    "days",
    "What was credited, sold, refunded and completed, by day or month in Asia/Jakarta.",
    ("day", "credited", "sales", "sold", "refunds", "refunded", "completions", "incentives_paid"),
    days_sql,
    ("grain", "platform", "institution", "wave", "decree", "from", "to", "as_of", "known_at"),
    ("day",),
    dict.fromkeys(("sales", "sold"), Rows("orders", period="day")),
)
STATUSES: Final = Question(
    "statuses",
    "How many wallets are in each status, and what they hold.",
    ("status", "people", "total_credited", "remaining", "held_people"),
    statuses_sql,
    ("wave", "decree"),
    ("-people", "status"),
    {
        **dict.fromkeys(("people", "total_credited", "remaining"), Rows("wallets", {}, {"status": "status"})),
        "held_people": Rows("wallets", {"only": "held"}, {"status": "status"}),
    },
)
