"""The words of the domain's outcomes, reasons, flags and statuses, each declared once, with the numbers that encode
them in columns. Their texts are those of the specification.
"""

from enum import IntEnum, IntFlag
from typing import Final


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
    NOT_AUTHORISED = 2
    INVALID_AMOUNT = 3
    REFERENCE_CONFLICT = 4
    WALLET_CLOSED = 5
    NO_RULES = 6
    ALREADY_CREDITED = 7
    ORDER_CONFLICT = 8
    UNKNOWN_WALLET = 9
    WALLET_SUSPENDED = 10
    FIRST_PURCHASE_LATE = 11
    AFTER_SPEND_BY = 12
    PREVIOUS_COURSE_OPEN = 13
    INSUFFICIENT_BALANCE = 14
    UNKNOWN_ORDER = 15
    REFUND_CONFLICT = 16
    ORDER_COMPLETED = 17
    AMOUNT_MISMATCH = 18
    INSTITUTION_MISMATCH = 19
    ORDER_REFUNDED = 20
    REDEEMED_BEFORE_PURCHASE = 21
    INVALID_SESSION = 22
    ATTENDANCE_CONFLICT = 23
    COMPLETION_CONFLICT = 24
    COMPLETED_BEFORE_PURCHASE = 25
    REVIEW_CONFLICT = 26
    NOT_COMPLETED = 27
    INVALID_RATING = 28
    NO_FLAGS = 29
    INVALID_SURVEY = 30
    NOT_ENTITLED = 31
    PAYOUT_FAILED_BEFORE = 32
    EXCEEDS_ENTITLEMENT = 33
    PAYOUT_PAID_BEFORE = 34
    UNKNOWN_PAYOUT = 35
    NOT_DUE = 36
    INVALID_REASON = 37
    INVALID_SANCTION = 38
    EXCEEDS_RECEIVED = 39
    UNKNOWN_CLAWBACK = 40
    EXCEEDS_CLAWBACK = 41

    @property
    def outcome(self) -> Outcome:
        """The outcome of this verdict."""
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


DOUBTFUL: Final = Flag.COMPLETED_WITHOUT_REDEMPTION | Flag.COMPLETED_WITHOUT_ATTENDANCE | Flag.COMPLETED_TOO_FAST
"""The flags that hold an entitlement until an officer clears the order."""


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
    PAYOUT = 2
    CLAWBACK = 3
    REPAYMENT = 4
    SANCTION = 5


class Stage(IntEnum):
    """The state of a payout; NONE is that of one that does not exist, and of all other references."""

    NONE = 0
    PAID = 1
    REVERSED = 2
    FAILED = 3
