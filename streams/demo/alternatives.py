"""Things of which at most one happens: the shares of the proportions that make one whole together."""

from bisect import bisect_right
from dataclasses import fields
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from dompet.schemas.errors import DompetError

if TYPE_CHECKING:
    from dompet.streams.demo.proportions import Proportions

ALTERNATIVES: Final = {
    "person": ("never_credited", "never_buy", "buy_late"),
    "credit": ("credited_before_rules", "credited_twice", "ineligible"),
    "sale": ("beyond_balance", "no_price", "above_commission_cap", "above_list_price", "bulk_order"),
    "order": ("never_finished", "refunded", "too_fast"),
    "redemption": ("redeemed_elsewhere", "redeemed_before_purchase"),
    "completion": ("mistyped_order", "completed_before_purchase", "refund_after_completion"),
    "refund": ("mistyped_order", "refund_wrong_amount", "completed_after_refund"),
    "review": ("reviewed_before_completion", "rated_beyond_five"),
    "reversal": ("reversed_wrong_amount", "reversed_unknown"),
    "sanction": ("suspended", "revoked_as_sanction", "blacklisted"),
    "clawback": ("clawback_beyond_received", "repaid_unknown", "repaid_too_much"),
    "sweep": ("buy_after_spend_by", "swept_early", "swept_twice", "swept_without_ground"),
    "report": ("resent", "contradicted", "wrong_publisher", "reported_late"),
}
"""Shares of one whole: at most one of a line's befalls a person, a credit, a sale and so on."""


class Alternatives:
    """Several things of which at most one happens, each with its share."""

    def __init__(self, proportions: "Proportions", of_what: str) -> None:
        self._names = ALTERNATIVES[of_what]
        self._ends = list(accumulate(getattr(proportions, name) for name in self._names))
        self.whole = self._ends[-1]

    def drawn(self, draw: float) -> str:
        """The name of the one that happens, for an even draw from 0 to 1; an empty string for none."""
        return self._names[bisect_right(self._ends, draw)] if draw < self.whole else ""


def check_shares(proportions: "Proportions") -> None:
    """DompetError where a share is not from 0 to 1, or alternatives exceed 1."""
    for field in fields(proportions):
        value = getattr(proportions, field.name)
        if field.type is float and not 0 <= value <= 1:
            raise DompetError(f"proportions: {field.name} is {value}; a share must be from 0 to 1")
    for names in ALTERNATIVES.values():
        if (whole := sum(getattr(proportions, name) for name in names)) > 1:
            raise DompetError(f"proportions: {', '.join(names)} make {whole:g} together; at most one may befall")
