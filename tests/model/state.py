"""What the model remembers, under the specification's names, and what it answers.

Times are microseconds since 1970-01-01 UTC, money is whole rupiah.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from types import SimpleNamespace

from tests.model.rules import Rulebook

Event = SimpleNamespace
"""An event, its fields as attributes."""

Checks = Iterator[tuple[bool, str]]
"""What an event type's function yields: does this check hold, and the verdict if it does."""

OrderKey = tuple[str, str, str]
"""beneficiary_id, platform_id, order_id."""

HOLDING_FLAGS = ("completed_without_redemption", "completed_without_attendance", "completed_too_fast")


@dataclass(kw_only=True)
class Wallet:
    """One beneficiary's wallet."""

    rules: str
    wave: int
    decree: str
    status: str = "active"
    credits: int = 0
    credited: int = 0
    spent: int = 0
    refunded: int = 0
    returned: int = 0
    balance: int = 0
    first_purchase_due: int
    spend_by: int
    purchases: int = 0
    open_orders: int = 0
    entitled: bool = False
    held: bool = False
    incentive_due: int = 0
    incentive_paid: int = 0
    payout_failures: int = 0
    surveys: int = 0
    clawback_ordered: int = 0
    clawback_repaid: int = 0

    @property
    def closed(self) -> bool:
        """No longer open to credits and purchases."""
        return self.status in ("expired", "revoked", "blacklisted")

    def close(self, status: str) -> None:
        """What is left returns to the state."""
        self.returned += self.balance
        self.balance = 0
        self.status = status


@dataclass(kw_only=True)
class Order:
    """One purchase. Bit s-1 of `sessions` says that session s was recorded, of `attended` that it was attended."""

    course_id: str
    institution_id: str
    price: int
    commission: int
    purchased_at: int
    redeemed_at: int | None = None
    sessions: int = 0
    attended: int = 0
    completed_at: int | None = None
    certificate_id: str | None = None
    score: int | None = None
    reviewed_at: int | None = None
    rating: int | None = None
    refunded: bool = False
    flags: tuple[str, ...] = ()
    cleared: bool = False

    @property
    def state(self) -> str:
        """The first that holds, in the specification's order."""
        ways = (
            (self.refunded, "refunded"),
            (self.reviewed_at is not None, "reviewed"),
            (self.completed_at is not None, "completed"),
            (self.redeemed_at is not None, "redeemed"),
        )
        return next((name for holds, name in ways if holds), "purchased")

    def flag(self, name: str, raised: bool) -> None:
        """Carry a flag from now on, if it is raised."""
        if raised:
            self.flags += (name,)


@dataclass(frozen=True)
class Effects:
    """What one event changed of a wallet's money."""

    credited: int = 0
    spent: int = 0
    refunded: int = 0
    returned: int = 0
    incentive_due: int = 0
    incentive_paid: int = 0
    clawback_ordered: int = 0
    clawback_repaid: int = 0


MONEY = tuple(f.name for f in fields(Effects))


@dataclass(frozen=True)
class Result:
    """What became of one event: accepted, duplicate or rejected; the reason; the flags it newly raised; its effects."""

    outcome: str
    reason: str = ""
    flags: tuple[str, ...] = ()
    effects: Effects = Effects()


@dataclass
class Books:
    """All that was accepted so far. `references`: (kind, beneficiary_id, id) → amount; `repaid`: of each clawback."""

    rulebook: Rulebook
    wallets: dict[str, Wallet] = field(default_factory=dict)
    orders: dict[OrderKey, Order] = field(default_factory=dict)
    references: dict[tuple[str, str, str], int] = field(default_factory=dict)
    repaid: dict[tuple[str, str], int] = field(default_factory=dict)


def order_key(e: Event) -> OrderKey:
    """The key of the order that an event names."""
    return (e.beneficiary_id, e.platform_id, e.order_id)


def again(same: bool, conflict: str) -> str:
    """The verdict on an id that was used before."""
    return "duplicate" if same else conflict
