"""A person's wallet and timeline as of any moment, on either clock.

Money is the sum of the effects of the accepted events that had happened by T and were known by K. Everything else is
as the last of those events, in the log's order, left it. Outcomes are never decided again: where a publisher reported
late, the balance as of T may be negative.
"""

from dataclasses import dataclass
from typing import Final

from dompet.schemas.partitions import partition_of
from dompet.streams.answers.asking import Ask, Row, rows
from dompet.streams.warehouse.base import bound

MONEY: Final = (
    *("credited", "spent", "refunded", "returned", "balance"),
    *("incentive_due", "incentive_paid", "clawback_ordered", "clawback_repaid"),
)
"""The columns that are sums of effects, in rupiah."""


@dataclass(frozen=True)
class AsOf:
    """One person, what had happened by `happened_us`, as it was known by `known_us`; None is no limit.

    `partition` is where the log keeps the person: it spares reading the others.
    """

    beneficiary_id: str
    happened_us: int | None = None
    known_us: int | None = None
    partition: int | None = None

    @property
    def _where(self) -> str:
        conditions = {
            "partition = %(partition)s": self.partition,
            "beneficiary_id = %(beneficiary_id)s": self.beneficiary_id,
            "occurred_at_us <= %(happened_us)s": self.happened_us,
            "recorded_at_us <= %(known_us)s": self.known_us,
        }
        return " AND ".join(condition for condition, value in conditions.items() if value is not None)

    def bound(self, sql: str) -> str:
        """The query with {where} filled in and every value as a literal."""
        return bound(sql.format(where=self._where), vars(self))


def wallet_sql(as_of: AsOf) -> str:
    """The query for the wallet: one row with the columns of the view `wallets`, or none where there was no wallet.

    It reads no FINAL, which would merge all of the partition: rows written twice are the same, so either one will do.
    """
    return as_of.bound(_WALLET)


def timeline_sql(as_of: AsOf) -> str:
    """The query for the timeline: every event with its outcome, in the log's order."""
    return as_of.bound(_TIMELINE)


def known(ask: Ask, as_of: AsOf) -> bool:
    """Whether there was any event of the person, whatever became of it."""
    return bool(rows(ask, as_of.bound(_ANY)))


def partition_in(ask: Ask, beneficiary_id: str) -> int | None:
    """The person's partition of the log; None while the warehouse has no checkpoint that tells how many there are."""
    [found] = rows(ask, "SELECT max(partition_count) AS partitions FROM checkpoint_rows")
    count = int(found["partitions"])
    return partition_of(beneficiary_id.encode(), count) if count else None


def wallet_of(ask: Ask, as_of: AsOf) -> Row | None:
    """The wallet, if there was one."""
    return next(iter(rows(ask, wallet_sql(as_of))), None)


def _after(name: str) -> str:
    return f"argMax({name}_after, offset) AS {name}"


def _time(name: str) -> str:
    return f"toDateTime(intDiv(argMax({name}_after_us, offset), 1000000), 'UTC') AS {name}"


def _sum(name: str) -> str:
    return f"sum({name}_change) AS {name}"


_COUNTS: Final = {
    "credits": "countIf(type = 'SaldoCredited')",
    "purchases": "countIf(type = 'CoursePurchased')",
    "open_orders": "countIf(type = 'CoursePurchased') - countIf(type = 'CourseCompleted' OR type = 'PurchaseRefunded')",
    "payout_failures": "countIf(type = 'IncentivePayoutFailed')",
    "surveys": "groupBitOr(if(type = 'SurveySubmitted',"
    " bitShiftLeft(toUInt64(1), toUInt8(greatest(survey_no, 1) - 1)), toUInt64(0)))",
}
"""What accepted events add up to beside money; an order is accepted as completed or as refunded, never as both."""


def _count(name: str) -> str:
    return f"toInt64({_COUNTS[name]}) AS {name}"


_WALLET: Final = f"""SELECT
    beneficiary_id,
    {_after("rules")},
    {_after("wave")},
    {_after("decree")},
    {_after("status")},
    {_count("credits")},
    {_sum("credited")},
    {_sum("spent")},
    {_sum("refunded")},
    {_sum("returned")},
    credited - spent + refunded - returned AS balance,
    {_time("first_purchase_due")},
    {_time("spend_by")},
    {_count("purchases")},
    {_count("open_orders")},
    {_after("entitled")},
    {_after("held")},
    {_sum("incentive_due")},
    {_sum("incentive_paid")},
    {_count("payout_failures")},
    {_count("surveys")},
    {_sum("clawback_ordered")},
    {_sum("clawback_repaid")}
FROM
(
    SELECT *
    FROM journal_rows
    WHERE {{where}} AND outcome = 'accepted'
    ORDER BY partition, offset
    LIMIT 1 BY partition, offset
)
GROUP BY beneficiary_id
"""  # noqa: S608

_ANY: Final = "SELECT 1 AS found FROM journal_rows WHERE {where} AND outcome != 'dead' LIMIT 1"
_TIMELINE: Final = """SELECT
    toDateTime(intDiv(occurred_at_us, 1000000), 'UTC') AS occurred_at,
    toDateTime(intDiv(recorded_at_us, 1000000), 'UTC') AS recorded_at,
    type,
    publisher_id,
    platform_id,
    order_id,
    if(price != 0, price, amount) AS amount,
    outcome,
    reason,
    credited_change - spent_change + refunded_change - returned_change AS balance_change,
    balance_after,
    status_after
FROM
(
    SELECT *
    FROM journal_rows
    WHERE {where} AND outcome != 'dead'
    ORDER BY partition, offset
    LIMIT 1 BY partition, offset
)
ORDER BY partition, offset
"""
"""As the view `timeline`, but without its FINAL."""
