"""What sensible lives are made of: chapters of a person's dealings with the programme, for the strategies to vary.

A step is an event type with its own fields; a field left out has the first value of its pool, and a tuple is a choice.
"""

from typing import Any

Step = tuple[str, dict[str, Any]]
Chapter = tuple[Step, ...]


def course(order_id: str, price: int, commission: object) -> Chapter:
    """A course as it should go, from purchase to review."""
    order = {"order_id": order_id}
    return (
        ("CoursePurchased", order | {"price": price, "commission": commission}),
        ("AttendanceRecorded", order | {"session": 1, "present": (True, False)}),
        ("AttendanceRecorded", order | {"session": (2, 60), "present": (True, False)}),
        ("CourseRedeemed", order),
        ("CourseCompleted", order | {"score": (None, 85)}),
        ("OrderCleared", order),
        ("CourseReviewed", order | {"rating": (5, 1)}),
    )


def hasty(order_id: str, price: int) -> Chapter:
    """A course completed without all that shows it was taken; reviewed, then cleared."""
    order = {"order_id": order_id}
    return (
        ("CoursePurchased", order | {"price": price, "commission": 0}),
        ("CourseCompleted", order),
        ("CourseReviewed", order),
        ("OrderCleared", order),
    )


def refund(order_id: str, price: int) -> Chapter:
    """A course bought and given back."""
    return (
        ("CoursePurchased", {"order_id": order_id, "price": price, "commission": 0}),
        ("PurchaseRefunded", {"order_id": order_id, "amount": price}),
    )


CREDIT: Chapter = (("SaldoCredited", {"amount": (3_550_000, 3_550_000, 10**12)}),)

INCENTIVES: Chapter = (
    ("SurveySubmitted", {"survey_no": 1}),
    ("IncentivePaid", {"payout_id": "r1", "amount": 600_000}),
    ("IncentivePayoutFailed", {"payout_id": ("r2", "r1"), "amount": 600_000}),
    ("IncentiveReversed", {"payout_id": "r1", "amount": 600_000}),
    ("SurveySubmitted", {"survey_no": 2}),
    ("IncentivePaid", {"payout_id": "r3", "amount": (650_000, 700_000, 700_001)}),
)
CLAWBACK: Chapter = (
    ("ClawbackOrdered", {"clawback_id": "r1", "amount": 600_000}),
    ("ClawbackRepaid", {"clawback_id": "r1", "repayment_id": "r1", "amount": 200_000}),
    ("ClawbackRepaid", {"clawback_id": "r1", "repayment_id": "r2", "amount": (400_000, 400_001)}),
    ("ClawbackOrdered", {"clawback_id": "r2", "amount": (1, 1_000_000)}),
)

CHAPTERS: tuple[Chapter, ...] = (
    (*course("1", 1_000_000, (100_000, 150_000, 150_001)), *INCENTIVES),
    (*course("11", 600_000, 0), *CLAWBACK),
    course("o", 50_000, (7_500, 7_501)),
    hasty("o", 50_000),
    (*hasty("11", 200_000), *INCENTIVES),
    refund("o", 1_000_000),
    refund("11", 600_000),
    (("CoursePurchased", {"order_id": "o", "price": 10**12, "commission": (15 * 10**10, 15 * 10**10 + 1)}),),
    INCENTIVES,
    CLAWBACK,
    (("BeneficiarySanctioned", {"sanction": "suspend"}), ("BeneficiarySanctioned", {"sanction": "reinstate"})),
    (("SaldoCredited", {"credit_id": "r2", "amount": 3_550_000}),),
)

ENDINGS: tuple[Chapter, ...] = (
    (("SaldoRevoked", {"reason": "spend_by"}),),
    (("SaldoRevoked", {"reason": ("first_purchase_deadline", "ineligible", "sanction", "hunch")}),),
    (("BeneficiarySanctioned", {"sanction": "blacklist"}),),
    (("BeneficiarySanctioned", {"sanction": "suspend"}),),
)
