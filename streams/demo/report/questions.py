"""What the demonstration's report asks beside the money of platforms and waves: one short table each.

Every number is computed in SQL over what anybody can query; amounts are whole rupiah.
"""

from dataclasses import dataclass
from typing import Final

_FUNNEL: Final = """
SELECT
    platform_id AS platform,
    sum(orders_purchased) AS purchased,
    sum(orders_redeemed) AS redeemed,
    sum(orders_attended) AS attended,
    sum(orders_completed) AS completed,
    sum(orders_reviewed) AS reviewed,
    1 AS holds
FROM funnel
GROUP BY platform_id
ORDER BY purchased DESC, platform
"""

_INCENTIVES: Final = """
SELECT
    rules,
    sum(wallet_held) AS held,
    sum(wallet_due) AS due,
    sum(wallet_paid) AS paid,
    due - paid AS outstanding,
    sum(journal_failed) AS failed,
    min(in_bounds) AND due = sum(journal_due) AND paid = sum(journal_paid) AS holds
FROM
(
    SELECT
        rules,
        held = 'yes' AS wallet_held,
        incentive_due AS wallet_due,
        incentive_paid AS wallet_paid,
        0 AS journal_due,
        0 AS journal_paid,
        0 AS journal_failed,
        incentive_paid <= incentive_due AS in_bounds
    FROM wallets
    UNION ALL
    SELECT
        rules_after AS rules,
        0 AS wallet_held,
        0 AS wallet_due,
        0 AS wallet_paid,
        incentive_due_change AS journal_due,
        incentive_paid_change AS journal_paid,
        if(type = 'IncentivePayoutFailed', amount, 0) AS journal_failed,
        1 AS in_bounds
    FROM journal
    WHERE outcome = 'accepted'
)
GROUP BY rules
ORDER BY rules
"""

_CLAWBACKS: Final = """
SELECT
    wallet_status AS status,
    count() AS clawbacks,
    sum(one_ordered) AS ordered,
    sum(one_repaid) AS repaid,
    ordered - repaid AS outstanding,
    min(one_repaid <= one_ordered) AS holds
FROM
(
    SELECT beneficiary_id, ordered AS one_ordered, repaid AS one_repaid
    FROM clawbacks
) AS asked
ANY LEFT JOIN
(
    SELECT beneficiary_id, CAST(status AS String) AS wallet_status
    FROM wallets
) AS owners
USING beneficiary_id
GROUP BY wallet_status
ORDER BY ordered DESC, status
"""

_EXCEPTIONS: Final = """
SELECT
    type AS event,
    count() AS cases,
    sum(amount) AS moved,
    sumIf(amount, settled = 'yes') AS settled_later,
    moved - settled_later AS unsettled,
    1 AS holds
FROM exceptions
GROUP BY type
ORDER BY moved DESC, event
"""

_JUDGEMENTS: Final = """
SELECT arrayJoin(judgements) AS judgement, count() AS sales, sum(price) AS paid, 1 AS holds
FROM sale_judgements
GROUP BY judgement
ORDER BY sales DESC, judgement
"""


@dataclass(frozen=True)
class Question:
    """A table of the report: the query, whose first column names a line, and what its numbers are.

    `money` are rupiah, `counts` whole numbers. A line's `holds` says whether it keeps the `law`.
    """

    title: str
    about: str
    name: str
    counts: tuple[str, ...]
    money: tuple[str, ...]
    sql: str
    law: str = ""
    summed: bool = True


QUESTIONS: Final = (
    Question(
        "Orders",
        "how many came how far",
        "platform",
        ("purchased", "redeemed", "attended", "completed", "reviewed"),
        (),
        _FUNNEL,
    ),
    Question(
        "Incentives",
        "people whose incentives are held, and amounts",
        "rules",
        ("held",),
        ("due", "paid", "outstanding", "failed"),
        _INCENTIVES,
        "paid ≤ due in every wallet; and both are the sums of the journal's effects",
    ),
    Question(
        "Clawbacks",
        "asked back, by what the wallet is now",
        "status",
        ("clawbacks",),
        ("ordered", "repaid", "outstanding"),
        _CLAWBACKS,
        "of no clawback is more repaid than ordered",
    ),
    Question(
        "Exceptions",
        "money that moved though the event was rejected",
        "event",
        ("cases",),
        ("moved", "settled_later", "unsettled"),
        _EXCEPTIONS,
    ),
    Question(
        "Doubtful sales",
        "as the catalogue judges",
        "judgement",
        ("sales",),
        ("paid",),
        _JUDGEMENTS,
        summed=False,  # one sale may be judged twice
    ),
)
"""What the report asks, in its order."""
