"""The words of the domain's outcomes, reasons, flags and statuses, each declared once, with the numbers that stand for
them in columns. Their texts are those of the specification.
"""

from enum import IntEnum, IntFlag


class Outcome(IntEnum):
    """How an event ended. `DEAD` is a record that never reached the rules."""

    DEAD = 0
    ACCEPTED = 1
    DUPLICATE = 2
    REJECTED = 3


class Verdict(IntEnum):
    """What the checks decided: accepted, a duplicate, or rejected for the reason of this name."""

    ACCEPTED = 0
    DUPLICATE = 1
    NOT_SUPPORTED = 2
    NOT_AUTHORISED = 3
    INVALID_AMOUNT = 4
    REFERENCE_CONFLICT = 5
    WALLET_CLOSED = 6
    NO_RULES = 7
    ALREADY_CREDITED = 8
    ORDER_CONFLICT = 9
    UNKNOWN_WALLET = 10
    WALLET_SUSPENDED = 11
    FIRST_PURCHASE_LATE = 12
    AFTER_SPEND_BY = 13
    PREVIOUS_COURSE_OPEN = 14
    INSUFFICIENT_BALANCE = 15
    UNKNOWN_ORDER = 16
    REFUND_CONFLICT = 17
    ORDER_COMPLETED = 18
    AMOUNT_MISMATCH = 19
    COMPLETION_CONFLICT = 20
    ORDER_REFUNDED = 21
    COMPLETED_BEFORE_PURCHASE = 22
    NOT_DUE = 23
    INVALID_REASON = 24

    @property
    def outcome(self) -> Outcome:
        """The outcome that this verdict stands for."""
        return Outcome(min(self + 1, Outcome.REJECTED))

    @property
    def reason(self) -> str:
        """The reason's name; empty where the event was not rejected."""
        return self.name.lower() if self.outcome is Outcome.REJECTED else ""


class Flag(IntFlag):
    """What an order is marked with, for an officer to look at."""

    COMMISSION_ABOVE_CAP = 1
    COMPLETED_WITHOUT_REDEMPTION = 2
    COMPLETED_WITHOUT_ATTENDANCE = 4
    COMPLETED_TOO_FAST = 8


class Status(IntEnum):
    """A wallet's status; from EXPIRED on it is closed. NONE is that of a wallet that does not exist."""

    NONE = 0
    ACTIVE = 1
    SUSPENDED = 2
    EXPIRED = 3
    REVOKED = 4
    BLACKLISTED = 5


class ReferenceKind(IntEnum):
    """What an id taken by an accepted event identifies, within one beneficiary."""

    CREDIT = 1
