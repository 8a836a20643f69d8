"""What publishers sent: how late, what became of it, and why it was rejected."""

from typing import Final

from dompet.schemas.limits import AMOUNT_MAX
from dompet.streams.answers.filters import OUTCOMES as _BECAME
from dompet.streams.answers.filters import Filters
from dompet.streams.answers.narrow import sent_by
from dompet.streams.answers.question import Question
from dompet.streams.answers.rows_behind import Rows

OUTCOME_SUMS: Final = """toInt64(count()) AS events,
    toInt64(countIf(outcome = 'accepted')) AS accepted,
    toInt64(countIf(outcome = 'duplicate')) AS duplicate,
    toInt64(countIf(outcome = 'rejected')) AS rejected"""
REASON_SUMS: Final = f"""toInt64(count()) AS events,
    sum(if(timeline.amount BETWEEN -{AMOUNT_MAX} AND {AMOUNT_MAX}, timeline.amount, 0)) AS amount,
    min(timeline.recorded_at) AS first_at,
    max(timeline.recorded_at) AS last_at"""
"""Amounts that nobody can pay are left out: a few of them, of whoever may not publish at all, would be more than an
integer holds.
"""
LATE: Final = "greatest(intDiv(recorded_at_us - occurred_at_us, 1000000), 0)"
"""Seconds from when an event happened to when the log recorded it."""
_SENT: Final = {
    "publisher": "publisher_id = %(publisher)s",
    "platform": "platform_id = %(platform)s",
    "type": "type = %(type)s",
    "reason": "reason = %(reason)s",
    "begin_us": "recorded_at_us >= %(begin_us)s",
    "end_us": "recorded_at_us <= %(end_us)s",
}
_REJECTED: Final = "outcome = 'rejected'"


def _sent(filters: Filters, *always: str) -> str:
    """From which events: those of the filters, and of the conditions `always`."""
    where = filters.where(_SENT, *always)
    return f"FROM {sent_by('timeline', filters, where)}\nWHERE {where}"


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
{_sent(filters)}
GROUP BY publisher_id
ORDER BY events DESC, publisher_id"""


def reasons_sql(filters: Filters) -> str:
    """The query for how many events were rejected for each reason, the most first."""
    return f"""SELECT
    reason,
    {REASON_SUMS}
{_sent(filters, _REJECTED)}
GROUP BY reason
ORDER BY events DESC, reason"""


def rejected_days_sql(filters: Filters) -> str:
    """The query for how many events were rejected for each reason, by day or month of when they happened."""
    day = "toDate(toUInt16(intDiv(occurred_at_us + 25200000000, 86400000000)))"
    day = f"toStartOfMonth({day})" if filters.grain == "month" else day
    return f"""SELECT
    {day} AS day,
    reason,
    toInt64(count()) AS events
{_sent(filters, _REJECTED)}
GROUP BY day, reason
ORDER BY day, reason"""


_PERIOD: Final = ("from", "to")
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
        **{name: Rows("events", {"outcome": name}, {"publisher": "publisher_id"}) for name in _BECAME},
    },
)
REASONS: Final = Question(
    "rejection-reasons",
    "How many events were rejected for each reason. Amounts beyond 1,000,000,000,000 rupiah are not in the sum.",
    ("reason", "events", "amount", "first_at", "last_at"),
    reasons_sql,
    ("publisher", "platform", "type", *_PERIOD),
    ("-events", "reason"),
    dict.fromkeys(("events", "amount"), Rows("events", {"outcome": "rejected"}, {"reason": "reason"})),
)
REJECTED_DAYS: Final = Question(
    "rejections-by-day",
    "How many events were rejected for each reason, by day or month of when they happened.",
    ("day", "reason", "events"),
    rejected_days_sql,
    ("grain", "publisher", "platform", "reason", *_PERIOD),
    ("day", "reason"),
)
