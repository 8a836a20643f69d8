"""The demonstration's report: what is asked of the warehouse, and the answers.

Every number is computed in SQL over what anybody can query; amounts are whole rupiah.
"""

from dataclasses import dataclass, fields
from typing import Any, Final, Self

from dompet.streams.answers.status import rows
from dompet.streams.demo.report.findings import Finding, findings
from dompet.streams.warehouse import Warehouse

OUTCOMES: Final = """
SELECT outcome, count() AS events
FROM journal
GROUP BY outcome
ORDER BY events DESC
"""

PLATFORMS: Final = """
SELECT
    platform_id AS platform,
    sum(spent_change) AS sold,
    sum(refunded_change) AS refunded,
    countIf(type = 'CourseCompleted') AS completed,
    sumIf(commission, type = 'CoursePurchased') AS commission_kept,
    sumIf(order_commission, type = 'PurchaseRefunded') AS commission_refunded,
    sold - commission_kept - (refunded - commission_refunded) AS net
FROM journal
WHERE outcome = 'accepted' AND platform_id != ''
GROUP BY platform_id
ORDER BY sold DESC, platform
"""
"""A refund takes its commission back: institutions get sold − commission − (refunded − commission of the refunded)."""

WAVES: Final = """
SELECT
    wave,
    sum(people) AS wallets,
    sum(wallet_credited) AS credited,
    sum(wallet_spent) - sum(wallet_refunded) AS net_spent,
    sum(wallet_returned) AS returned,
    sum(wallet_balance) AS remaining,
    credited = net_spent + returned + remaining AS adds_up,
    credited = sum(journal_credited)
        AND sum(wallet_spent) = sum(journal_spent)
        AND sum(wallet_refunded) = sum(journal_refunded)
        AND returned = sum(journal_returned) AS agrees
FROM
(
    SELECT
        wave,
        1 AS people,
        credited AS wallet_credited,
        spent AS wallet_spent,
        refunded AS wallet_refunded,
        returned AS wallet_returned,
        balance AS wallet_balance,
        0 AS journal_credited,
        0 AS journal_spent,
        0 AS journal_refunded,
        0 AS journal_returned
    FROM wallets
    UNION ALL
    SELECT
        wave_after AS wave,
        0 AS people,
        0 AS wallet_credited,
        0 AS wallet_spent,
        0 AS wallet_refunded,
        0 AS wallet_returned,
        0 AS wallet_balance,
        credited_change AS journal_credited,
        spent_change AS journal_spent,
        refunded_change AS journal_refunded,
        returned_change AS journal_returned
    FROM journal
    WHERE outcome = 'accepted'
)
GROUP BY wave
ORDER BY wave
"""
"""Two checks of each wave: its wallets add up to the rupiah, and they are the sums of the journal's effects."""

REASONS: Final = """
SELECT
    reason,
    count() AS events,
    arrayStringConcat(arraySort(groupUniqArray(toString(type))), ', ') AS types
FROM rejections
GROUP BY reason
ORDER BY events DESC, reason
"""

DEAD: Final = """
SELECT error, count() AS records, any(message) AS message
FROM dead_letters
GROUP BY error
ORDER BY records DESC, error
"""

BUSIEST: Final = """
SELECT beneficiary_id, count() AS events
FROM journal
GROUP BY beneficiary_id
ORDER BY events DESC, beneficiary_id
LIMIT 1
"""


@dataclass(frozen=True)
class Platform:
    """What one platform sold for the institutions. `commission` is that of all it sold."""

    platform: str
    sold: int
    refunded: int
    completed: int
    commission: int
    net: int


@dataclass(frozen=True)
class Wave:
    """Where one wave's saldo is. `adds_up`: of its wallets; `agrees`: with the journal."""

    wave: int
    wallets: int
    credited: int
    net_spent: int
    returned: int
    remaining: int
    adds_up: bool
    agrees: bool


@dataclass(frozen=True)
class Report:
    """All that the demonstration reports."""

    outcomes: dict[str, int]
    platforms: list[Platform]
    waves: list[Wave]
    findings: list[Finding]
    reasons: list[tuple[str, int, str]]
    """Reason, how many events, of which types."""
    dead: list[tuple[str, int, str]]
    """Error, how many records, what was wrong with one of them."""
    busiest: str
    """The person with the longest history."""

    @property
    def is_sound(self) -> bool:
        """Whether the money is where it should be: every wave adds up and agrees, every finding keeps its law."""
        return all(one.adds_up and one.agrees for one in self.waves) and all(one.holds for one in self.findings)

    @classmethod
    def of(cls, warehouse: Warehouse) -> Self:
        """The report on what the warehouse holds."""
        busiest = rows(warehouse, BUSIEST)
        return cls(
            outcomes={row["outcome"]: int(row["events"]) for row in rows(warehouse, OUTCOMES)},
            platforms=[_platform(row) for row in rows(warehouse, PLATFORMS)],
            waves=[_wave(row) for row in rows(warehouse, WAVES)],
            findings=findings(warehouse),
            reasons=[(row["reason"], int(row["events"]), row["types"]) for row in rows(warehouse, REASONS)],
            dead=[(row["error"], int(row["records"]), row["message"]) for row in rows(warehouse, DEAD)],
            busiest=busiest[0]["beneficiary_id"] if busiest else "",
        )


def _platform(row: dict[str, Any]) -> Platform:
    numbers = {name: int(row[name]) for name in ("sold", "refunded", "completed", "net")}
    return Platform(platform=row["platform"], commission=int(row["commission_kept"]), **numbers)


def _wave(row: dict[str, Any]) -> Wave:
    numbers: dict[str, Any] = {one.name: int(row[one.name]) for one in fields(Wave)}
    return Wave(**{**numbers, "adds_up": bool(numbers["adds_up"]), "agrees": bool(numbers["agrees"])})
