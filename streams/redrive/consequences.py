"""Which rejections may be there only because an earlier event of the same person failed: read off the rule table."""

from collections.abc import Mapping
from typing import Any, Final

Event = Mapping[str, Any]
"""An event by its fields, with its `type`; of a rejected one also its `reason`."""

OPENS_THE_WAY: Final[Mapping[str, frozenset[str]]] = {
    "unknown_wallet": frozenset({"SaldoCredited"}),
    "insufficient_balance": frozenset({"SaldoCredited", "PurchaseRefunded"}),
    "previous_course_open": frozenset({"CourseCompleted", "PurchaseRefunded"}),
    "wallet_suspended": frozenset({"BeneficiarySanctioned"}),
    "unknown_order": frozenset({"CoursePurchased"}),
    "not_completed": frozenset({"CourseCompleted"}),
    "not_entitled": frozenset({"CourseCompleted", "CourseReviewed", "OrderCleared"}),
    "exceeds_entitlement": frozenset(
        {"CourseCompleted", "CourseReviewed", "OrderCleared", "SurveySubmitted", "IncentiveReversed"}
    ),
    "unknown_payout": frozenset({"IncentivePaid"}),
    "exceeds_received": frozenset({"CoursePurchased", "IncentivePaid"}),
    "unknown_clawback": frozenset({"ClawbackOrdered"}),
}
"""By a rejection's reason: the types of which one, had it been accepted before, could have let the event pass."""

OPENED_BY_NOTHING: Final = frozenset(
    {
        *("not_authorised", "invalid_amount", "invalid_session", "invalid_rating", "invalid_survey", "invalid_reason"),
        *("invalid_sanction", "reference_conflict", "order_conflict", "refund_conflict", "attendance_conflict"),
        *("completion_conflict", "review_conflict", "amount_mismatch", "institution_mismatch", "no_rules"),
        *("already_credited", "wallet_closed", "first_purchase_late", "after_spend_by", "order_completed"),
        *("order_refunded", "redeemed_before_purchase", "completed_before_purchase", "no_flags", "not_due"),
        *("payout_failed_before", "payout_paid_before", "exceeds_clawback"),
    }
)
"""The reasons that no earlier acceptance could have taken away."""
OPENS_NOTHING: Final = frozenset(
    {
        "CourseRedeemed",
        "AttendanceRecorded",
        "IncentivePayoutFailed",
        "SaldoRevoked",
        "ClawbackRepaid",
    }
)
"""The types whose acceptance could let no later event pass."""

_SAME: Final[Mapping[str, tuple[str, ...]]] = {
    "unknown_order": ("platform_id", "order_id"),
    "not_completed": ("platform_id", "order_id"),
    "unknown_payout": ("payout_id",),
    "unknown_clawback": ("clawback_id",),
}
"""What both events must be about, where the reason is about one thing of the person's."""


def follows(failed: Event, later: Event) -> bool:
    """Whether `later`, a rejected event of the same person, may have been rejected because `failed` had failed."""
    reason = str(later["reason"])
    return failed["type"] in OPENS_THE_WAY.get(reason, ()) and all(
        failed[name] == later[name] for name in _SAME.get(reason, ())
    )
