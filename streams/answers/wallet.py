"""A person's wallet and timeline as of any moment, on either clock.

Money and counts are sums of the effects of the accepted events that had happened by T and were known by K; status,
entitled and held are what those of them made of the wallet that changed it. Outcomes are never decided again: where a
publisher reported late, the balance as of T may be negative.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dompet.schemas.murmur2 import partition_of
from dompet.streams.answers.asking import Ask, rows
from dompet.streams.terminal.tables import Row
from dompet.streams.warehouse.base import bound
from dompet.streams.warehouse.shown import MONEY as MONEY_SAID
from dompet.streams.warehouse.shown import moment_and_day, yes_no

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

    def bound(self, sql: str) -> str:
        """The query with {person} and {within} filled in, and every value as a literal."""
        person = _all_of(
            {"partition = %(partition)s": self.partition, "beneficiary_id = %(beneficiary_id)s": self.beneficiary_id}
        )
        within = _all_of(
            {"occurred_at_us <= %(happened_us)s": self.happened_us, "recorded_at_us <= %(known_us)s": self.known_us}
        )
        return bound(sql.format(person=person, within=within or "1"), vars(self))


def wallet_sql(as_of: AsOf) -> str:
    """The query for the wallet: one row with the columns of the view `wallets`, or none where there was no wallet.

    It reads no FINAL, which would merge all of the partition: rows written twice are the same, so either one will do.
    """
    return as_of.bound(_WALLET)


def timeline_sql(as_of: AsOf, more: Sequence[str] = ()) -> str:
    """The query for the timeline: every event with its outcome, in the log's order; `more` of the journal's columns."""
    return as_of.bound(_TIMELINE.replace("{more}", "".join(f",\n    {name}" for name in more)))


def known(ask: Ask, as_of: AsOf) -> bool:
    """Whether there was any event of the person, whatever became of it."""
    return bool(rows(ask, as_of.bound(_ANY)))


def partition_in(ask: Ask, beneficiary_id: str) -> int | None:
    """The person's partition of the log; None while the warehouse has no checkpoint that says how many there are."""
    [found] = rows(ask, "SELECT max(partition_count) AS partitions FROM checkpoint_rows")
    count = int(found["partitions"])
    return partition_of(beneficiary_id.encode(), count) if count else None


def wallet_of(ask: Ask, as_of: AsOf) -> Row | None:
    """The wallet, if there was one."""
    return next(iter(rows(ask, wallet_sql(as_of))), None)


def _all_of(conditions: Mapping[str, object]) -> str:
    return " AND ".join(condition for condition, value in conditions.items() if value is not None)


def _opened(name: str) -> str:
    """What the first credit settled for good."""
    return f"any({name}_after) AS {name}"


def _time(name: str) -> str:
    return ",\n    ".join(map(str, moment_and_day(f"any({name}_after_us)", name)))


def _sum(name: str) -> str:
    return f"sumIf({name}_change, within) AS {name}"


_COUNTS: Final = {
    "credits": "countIf(within AND type = 'SaldoCredited')",
    "purchases": "countIf(within AND type = 'CoursePurchased')",
    "open_orders": "countIf(within AND type = 'CoursePurchased')"
    " - countIf(within AND (type = 'CourseCompleted' OR type = 'PurchaseRefunded'))",
    "payout_failures": "countIf(within AND type = 'IncentivePayoutFailed')",
}
"""What accepted events add up to beside money; an order is accepted as completed or as refunded, never as both."""


def _count(name: str) -> str:
    return f"toInt64({_COUNTS[name]}) AS {name}"


_STATUS: Final = (
    "if((argMaxIf(status_after, offset, within AND type IN ('SaldoRevoked', 'BeneficiarySanctioned')) AS made) = '',"
    " 'active', made) AS status"
)
"""The first credit makes a wallet active; nothing but these changes it."""

_IS_ENTITLED: Final = "argMinIf(within, offset, entitled_after = 1)"
_ENTITLED: Final = f"{yes_no(_IS_ENTITLED)} AS entitled"
_HELD: Final = f"{yes_no(f'argMinIf(within, offset, held_after = 1) AND NOT {_IS_ENTITLED}')} AS held"
"""Whether the event that first made it so is counted. A wallet that is entitled stays so, and is held no more."""
_SURVEYS: Final = "arraySort(groupArrayIf(toUInt8(survey_no), within AND type = 'SurveySubmitted')) AS surveys"

_WALLET: Final = f"""SELECT
    beneficiary_id,
    {_opened("rules")},
    {_opened("wave")},
    {_opened("decree")},
    {_STATUS},
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
    {_ENTITLED},
    {_HELD},
    {_sum("incentive_due")},
    {_sum("incentive_paid")},
    {_count("payout_failures")},
    {_SURVEYS},
    {_sum("clawback_ordered")},
    {_sum("clawback_repaid")}
FROM
(
    SELECT *, {{within}} AS within
    FROM journal_rows
    WHERE {{person}} AND outcome = 'accepted'
    ORDER BY partition, offset
    LIMIT 1 BY partition, offset
)
GROUP BY beneficiary_id
HAVING max(within) = 1
"""  # noqa: S608

_ANY: Final = "SELECT 1 AS found FROM journal_rows WHERE {person} AND {within} AND outcome != 'dead' LIMIT 1"


def _both(clock: str) -> str:
    return ",\n    ".join(map(str, moment_and_day(f"{clock}_at_us", f"{clock}_at")))


_TIMELINE: Final = f"""SELECT
    {_both("occurred")},
    {_both("recorded")},
    type,
    publisher_id,
    platform_id,
    order_id,
    {MONEY_SAID} AS amount,
    outcome,
    reason,
    credited_change - spent_change + refunded_change - returned_change AS balance_change,
    balance_after,
    status_after{{more}}
FROM
(
    SELECT *
    FROM journal_rows
    WHERE {{person}} AND {{within}} AND outcome != 'dead'
    ORDER BY partition, offset
    LIMIT 1 BY partition, offset
)
ORDER BY partition, offset
"""  # noqa: S608
"""As the view `timeline`, but without its FINAL."""
