"""Which rejections may be there only because an earlier event of the same person failed: read off the rule table."""

from collections.abc import Mapping
from typing import Any, Final

Event = Mapping[str, Any]
"""An event by its fields, with its `type`; of a rejected one also its `reason`."""

_OPENS_THE_WAY: Final[Mapping[str, frozenset[str]]] = {
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
    return failed["type"] in _OPENS_THE_WAY.get(reason, ()) and all(
        failed[name] == later[name] for name in _SAME.get(reason, ())
    )
