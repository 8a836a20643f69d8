"""The events as typed, frozen records: what a platform builds and publishes.

Fields and order are the contracts' own (`avro/*.avsc`); a test holds the two equal. Amounts are whole rupiah;
`occurred_at` is an aware datetime, or integer microseconds since 1970-01-01 UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What all events share."""

    event_id: str
    beneficiary_id: str
    occurred_at: datetime | int
    publisher_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SaldoCredited(Event):
    """The state credits a training balance to a person."""

    credit_id: str
    decree: str
    wave: int
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CoursePurchased(Event):
    """A person buys a course on a platform."""

    platform_id: str
    order_id: str
    course_id: str
    institution_id: str
    price: int
    commission: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseRefunded(Event):
    """A platform takes a purchase back, in full."""

    platform_id: str
    order_id: str
    amount: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseRedeemed(Event):
    """An institution or platform redeems a purchase for a seat."""

    platform_id: str
    order_id: str
    institution_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttendanceRecorded(Event):
    """A session of a course was attended, or was not."""

    platform_id: str
    order_id: str
    session: int
    present: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseCompleted(Event):
    """A person finishes a course and is certified."""

    platform_id: str
    order_id: str
    certificate_id: str
    score: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseReviewed(Event):
    """A person rates a completed course."""

    platform_id: str
    order_id: str
    rating: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderCleared(Event):
    """An officer clears the flags of a completed order."""

    platform_id: str
    order_id: str
    officer_id: str
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SurveySubmitted(Event):
    """An entitled person answers a survey."""

    survey_no: int


@dataclass(frozen=True, kw_only=True, slots=True)
class IncentivePaid(Event):
    """An incentive was paid out."""

    payout_id: str
    amount: int
    channel: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IncentivePayoutFailed(Event):
    """A payout did not go through."""

    payout_id: str
    amount: int
    channel: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IncentiveReversed(Event):
    """The bank sent a payout back."""

    payout_id: str
    amount: int
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SaldoRevoked(Event):
    """The unspent balance returns to the state."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BeneficiarySanctioned(Event):
    """A person is suspended, reinstated or blacklisted."""

    sanction: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClawbackOrdered(Event):
    """The state orders money back from a person."""

    clawback_id: str
    amount: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ClawbackRepaid(Event):
    """A person pays back a part of a clawback."""

    clawback_id: str
    repayment_id: str
    amount: int


EVENT_CLASSES: Final[Mapping[str, type[Event]]] = MappingProxyType(
    {
        cls.__name__: cls
        for cls in (
            SaldoCredited,
            CoursePurchased,
            PurchaseRefunded,
            CourseRedeemed,
            AttendanceRecorded,
            CourseCompleted,
            CourseReviewed,
            OrderCleared,
            SurveySubmitted,
            IncentivePaid,
            IncentivePayoutFailed,
            IncentiveReversed,
            SaldoRevoked,
            BeneficiarySanctioned,
            ClawbackOrdered,
            ClawbackRepaid,
        )
    }
)
"""The class of each event type, by its name."""
