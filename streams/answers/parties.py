"""Platforms and institutions: what they sold and are owed, how late they report, what of theirs was rejected."""

from typing import Final

from dompet.streams.answers.filters import Filters
from dompet.streams.answers.narrow import sent_by, sold_by
from dompet.streams.answers.question import Question, Rows

SUMS: Final = ("sales", "sold", "refunds", "refunded", "commission", "commission_returned", "net_to_institution")
OUTCOME_SUMS: Final = """toInt64(count()) AS events,
    toInt64(countIf(outcome = 'accepted')) AS accepted,
    toInt64(countIf(outcome = 'duplicate')) AS duplicate,
    toInt64(countIf(outcome = 'rejected')) AS rejected"""
REASON_SUMS: Final = """toInt64(count()) AS events,
    sum(timeline.amount) AS amount,
    min(timeline.recorded_at) AS first_at,
    max(timeline.recorded_at) AS last_at"""
JUDGED_SUMS: Final = "toInt64(count()) AS sales,\n    sum(sale_judgements.price) AS paid"
LATE: Final = "greatest(intDiv(recorded_at_us - occurred_at_us, 1000000), 0)"
"""Seconds from when an event happened to when the log recorded it."""
_SOLD: Final = {
    "platform": "platform_id = %(platform)s",
    "institution": "institution_id = %(institution)s",
    "begin_us": "day >= toDate(toUInt16(intDiv(%(begin_us)s + 25200000000, 86400000000)))",
    "end_us": "day <= toDate(toUInt16(intDiv(%(end_us)s + 25200000000, 86400000000)))",
}
_SENT: Final = {
    "publisher": "publisher_id = %(publisher)s",
    "platform": "platform_id = %(platform)s",
    "type": "type = %(type)s",
    "reason": "reason = %(reason)s",
    "begin_us": "recorded_at_us >= %(begin_us)s",
    "end_us": "recorded_at_us <= %(end_us)s",
}


def _summed(filters: Filters, key: str, order: str) -> str:
    sums = ",\n    ".join(f"sum(settlement.{name}) AS {name}" for name in SUMS)
    # A month is called day as well: the condition on the day is within, where there is no other.
    of = f"(\n    SELECT *\n    FROM settlement\n    WHERE {filters.where(_SOLD)}\n) AS settlement"  # noqa: S608
    return f"SELECT\n    {key},\n    {sums}\nFROM {of}\nGROUP BY {order}"


def platforms_sql(filters: Filters) -> str:
    """The query for what each platform sold, refunded, kept and passed on."""
    return f"{_summed(filters, 'platform_id', 'platform_id')}\nORDER BY sold DESC, platform_id"


def institutions_sql(filters: Filters) -> str:
    """The same for each institution."""
    return f"{_summed(filters, 'institution_id', 'institution_id')}\nORDER BY net_to_institution DESC, institution_id"


def settlement_sql(filters: Filters) -> str:
    """The same by day or month in Asia/Jakarta; a refund counts on its own day."""
    day = "toStartOfMonth(settlement.day) AS day" if filters.grain == "month" else "day"
    return f"{_summed(filters, day, 'day')}\nORDER BY day"


def lateness_sql(filters: Filters) -> str:
    """The query for how late each publisher reports: seconds from when it happened to when the log recorded it."""
    return f"""SELECT
    publisher_id,
    toInt64(count()) AS events,
    toInt64(quantileExact(0.5)(late)) AS late_median,
    toInt64(quantileExact(0.9)(late)) AS late_ninetieth,
    toInt64(max(late)) AS late_longest
FROM
(
    SELECT publisher_id, {LATE} AS late
    FROM {sent_by("timeline", filters, filters.where(_SENT))}
    WHERE {filters.where(_SENT)}
)
GROUP BY publisher_id
ORDER BY late_median DESC, publisher_id"""  # noqa: S608


def outcomes_sql(filters: Filters) -> str:
    """The query for what became of each publisher's events."""
    return f"""SELECT
    publisher_id,
    {OUTCOME_SUMS}
FROM {sent_by("timeline", filters, filters.where(_SENT))}
WHERE {filters.where(_SENT)}
GROUP BY publisher_id
ORDER BY events DESC, publisher_id"""  # noqa: S608


def reasons_sql(filters: Filters) -> str:
    """The query for how many events were rejected for each reason, the most first."""
    return f"""SELECT
    reason,
    {REASON_SUMS}
FROM {sent_by("timeline", filters, filters.where(_SENT, "outcome = 'rejected'"))}
WHERE {filters.where(_SENT, "outcome = 'rejected'")}
GROUP BY reason
ORDER BY events DESC, reason"""  # noqa: S608


def rejected_days_sql(filters: Filters) -> str:
    """The query for how many events were rejected for each reason, by day or month of when they happened."""
    day = "toDate(toUInt16(intDiv(occurred_at_us + 25200000000, 86400000000)))"
    day = f"toStartOfMonth({day})" if filters.grain == "month" else day
    return f"""SELECT
    {day} AS day,
    reason,
    toInt64(count()) AS events
FROM {sent_by("timeline", filters, filters.where(_SENT, "outcome = 'rejected'"))}
WHERE {filters.where(_SENT, "outcome = 'rejected'")}
GROUP BY day, reason
ORDER BY day, reason"""  # noqa: S608


def judged_sql(filters: Filters) -> str:
    """The query for doubtful sales, by what the catalogue says of them; one sale may be judged twice."""
    where = filters.where({name: _SOLD[name] for name in ("platform", "institution")}, "length(judgements) != 0")
    return f"""SELECT
    arrayJoin(judgements) AS judgement,
    {JUDGED_SUMS}
FROM {sold_by("sale_judgements", filters)}
WHERE {where}
GROUP BY judgement
ORDER BY sales DESC, judgement"""  # noqa: S608


_REJECTED: Final = {"outcome": "rejected"}
_PERIOD: Final = ("from", "to")
PLATFORMS: Final = Question(
    "platforms",
    "What each platform sold, refunded, kept and passed on.",
    ("platform_id", *SUMS),
    platforms_sql,
    ("institution", *_PERIOD),
    ("-sold", "platform_id"),
    {"sales": Rows("orders", {}, {"platform": "platform_id"})},
)
INSTITUTIONS: Final = Question(
    "institutions",
    "What each institution sold through platforms, and is owed.",
    ("institution_id", *SUMS),
    institutions_sql,
    ("platform", *_PERIOD),
    ("-net_to_institution", "institution_id"),
    {"sales": Rows("orders", {}, {"institution": "institution_id"})},
)
SETTLEMENT: Final = Question(
    "settlement",
    "Sold, refunded, commission and net, by day or month in Asia/Jakarta; a refund counts on its own day.",
    ("day", *SUMS),
    settlement_sql,
    ("grain", "platform", "institution", *_PERIOD),
    ("day",),
)
LATENESS: Final = Question(
    "lateness",
    "How late each publisher reports: seconds from when it happened to when the log recorded it.",
    ("publisher_id", "events", "late_median", "late_ninetieth", "late_longest"),
    lateness_sql,
    ("publisher", "platform", "type", *_PERIOD),
    ("-late_median", "publisher_id"),
)
OUTCOMES: Final = Question(
    "outcomes",
    "What became of each publisher's events.",
    ("publisher_id", "events", "accepted", "duplicate", "rejected"),
    outcomes_sql,
    ("publisher", "platform", "type", *_PERIOD),
    ("-events", "publisher_id"),
    {
        "events": Rows("events", {}, {"publisher": "publisher_id"}),
        "rejected": Rows("events", _REJECTED, {"publisher": "publisher_id"}),
    },
)
REASONS: Final = Question(
    "rejection-reasons",
    "How many events were rejected for each reason.",
    ("reason", "events", "amount", "first_at", "last_at"),
    reasons_sql,
    ("publisher", "platform", "type", *_PERIOD),
    ("-events", "reason"),
    {"events": Rows("events", _REJECTED, {"reason": "reason"})},
)
REJECTED_DAYS: Final = Question(
    "rejections-by-day",
    "How many events were rejected for each reason, by day or month of when they happened.",
    ("day", "reason", "events"),
    rejected_days_sql,
    ("grain", "publisher", "platform", "reason", *_PERIOD),
    ("day", "reason"),
)
JUDGED: Final = Question(
    "judgements",
    "Doubtful sales, by what the catalogue says of them; one sale may be judged twice.",
    ("judgement", "sales", "paid"),
    judged_sql,
    ("platform", "institution"),
    ("-sales", "judgement"),
    {"sales": Rows("orders", {}, {"judgement": "judgement"})},
)
