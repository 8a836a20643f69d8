"""What each wave is owed, was paid, and was asked back: sums of what events did to its wallets."""

from typing import Final

from dompet.streams.answers.filters import Filters
from dompet.streams.answers.programme import EFFECTS
from dompet.streams.answers.question import Question
from dompet.streams.answers.rows_behind import CLOCKS, Rows

WAVE_OWED: Final = (
    *("incentive_due", "incentive_paid", "incentive_outstanding", "incentive_reversed", "incentive_failed"),
    *("clawback_ordered", "clawback_repaid", "clawback_outstanding"),
)
WAVE_OWED_SUMS: Final = """sum(incentive_due_change) AS incentive_due,
    sum(incentive_paid_change) AS incentive_paid,
    incentive_due - incentive_paid AS incentive_outstanding,
    sum(if(type = 'IncentiveReversed', -incentive_paid_change, 0)) AS incentive_reversed,
    sum(if(type = 'IncentivePayoutFailed', amount, 0)) AS incentive_failed,
    sum(clawback_ordered_change) AS clawback_ordered,
    sum(clawback_repaid_change) AS clawback_repaid,
    clawback_ordered - clawback_repaid AS clawback_outstanding"""
"""Of accepted events in the journal. What was sent back is not in what was paid, and what failed never was."""


def wave_incentives_sql(filters: Filters) -> str:
    """The query for each wave and decree: now, or as of a moment on either clock."""
    return f"""SELECT
    wave_after AS wave,
    decree_after AS decree,
    {WAVE_OWED_SUMS}
FROM journal
WHERE {filters.where(EFFECTS, "outcome = 'accepted'")}
GROUP BY wave, decree
ORDER BY wave, decree"""  # noqa: S608


_WAVE: Final = {"wave": "wave", "decree": "decree"}


def _events(name: str) -> Rows:
    return Rows("events", {"type": name, "outcome": "accepted"}, _WAVE)


WAVE_INCENTIVES: Final = Question(
    "incentives-by-wave",
    "Each wave and decree: incentives due, paid, sent back and failed, and clawbacks with what is repaid.",
    ("wave", "decree", *WAVE_OWED),
    wave_incentives_sql,
    ("wave", "decree", "as_of", "known_at"),
    ("wave", "decree"),
    {
        **dict.fromkeys(("incentive_due", "incentive_paid"), Rows("incentives", {}, _WAVE)),
        "incentive_outstanding": Rows("incentives", {"only": "open"}, _WAVE),
        "incentive_reversed": _events("IncentiveReversed"),
        "incentive_failed": _events("IncentivePayoutFailed"),
        "clawback_ordered": Rows("clawbacks", {}, _WAVE, unless=CLOCKS),
        "clawback_repaid": _events("ClawbackRepaid"),
        "clawback_outstanding": Rows("clawbacks", {"only": "open"}, _WAVE, unless=CLOCKS),
    },
)
