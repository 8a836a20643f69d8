"""Every proportion of the demonstration programme, in one place.

A share is a number from 0 to 1 and is drawn for each person, purchase, completion, sweep or event apart. Outcomes and
reasons named below are the fold's: what a share is there to show.
"""

from bisect import bisect_right
from dataclasses import dataclass, fields
from itertools import accumulate
from typing import Final

from dompet.schemas.errors import DompetError
from dompet.streams.demo.programme.market import MARKET, MarketShare

__all__ = ["MARKET", "MarketShare", "Proportions"]


@dataclass(frozen=True, kw_only=True)
class Proportions:
    """How a programme goes; DompetError where a share is not from 0 to 1, or alternatives exceed 1."""

    # The programme.
    people_of_2023: float = 0.2
    """Of the people: credited in a wave of 2023, under the rules of that year; all others in 2020."""
    market: tuple[MarketShare, ...] = MARKET

    # The catalogue.
    price_min: int = 150_000
    """Whole rupiah."""
    price_max: int = 2_500_000
    """Whole rupiah."""
    dear_courses: float = 0.12
    """Of the courses: dearer than the whole saldo of 2020."""
    owned_institutions: float = 0.08
    """Of the institutions: owned by a platform, which sells their courses."""
    cheaper_outside: float = 0.05
    """Of the courses: cheaper outside the programme than in it."""
    free_elsewhere: float = 0.03
    """Of the courses: free somewhere else."""

    # Credits, of the people.
    never_credited: float = 0.004
    """Named in no decree, yet a platform sells to them, and the sweep finds them: `unknown_wallet`."""
    credited_before_rules: float = 0.004
    """Of the people of 2020: a credit dated before the first rules comes first: `no_rules`."""
    credited_twice: float = 0.008
    """A second wave credits them again: `already_credited`, or `wallet_closed` where theirs closed before."""
    ineligible: float = 0.02
    """Found not to be entitled some weeks after the credit, and revoked."""

    # Purchases.
    never_buy: float = 0.08
    """Of the people: they buy nothing, and the first purchase's deadline takes the saldo back."""
    buy_late: float = 0.04
    """Of the people: they first try after that deadline: `first_purchase_late`, or `wallet_closed` after the sweep."""
    number_of_purchases: tuple[float, ...] = (0.30, 0.35, 0.23, 0.12)
    """Of the people who buy: who want 1, 2, 3, … courses, as long as the saldo lasts."""
    beyond_balance: float = 0.04
    """Of the purchases: a course dearer than the balance is tried first: `insufficient_balance`."""
    no_price: float = 0.004
    """Of the purchases: reported first with a price of 0: `invalid_amount`."""
    two_at_a_time: float = 0.04
    """Of the purchases: another course is tried while this one is open: `previous_course_open`."""
    above_commission_cap: float = 0.03
    """Of the purchases: the platform keeps more than it may: the flag `commission_above_cap`."""
    above_list_price: float = 0.01
    """Of the purchases: dearer than the catalogue says, by a tenth."""
    bulk_order: float = 0.006
    """Of the purchases: sold under an order number that other people's purchases carry, too."""
    buy_after_closing: float = 0.3
    """Of the revoked as ineligible who wanted more courses: they try all the same: `wallet_closed`."""

    # What becomes of an accepted purchase.
    refunded: float = 0.05
    """Taken back before it is finished."""
    never_finished: float = 0.12
    """Paid, and never finished; the next course stays out of reach."""
    too_fast: float = 0.05
    """Finished in less time than the rules' least: the flag `completed_too_fast`."""
    completed_before_purchase: float = 0.006
    """A clock that is wrong dates the completion before the purchase, and is put right: `completed_before_purchase`."""
    mistyped_order: float = 0.006
    """Finished or refunded under an order number with a mistake first: `unknown_order`."""
    refund_after_completion: float = 0.01
    """Asked back when it is finished: `order_completed`."""
    refund_wrong_amount: float = 0.12
    """Of the refunds: only a part is reported first: `amount_mismatch`."""
    completed_after_refund: float = 0.05
    """Of the refunds: certified all the same: `order_refunded`."""

    # Learning: redemption, attendance, review, clearing.
    never_begun: float = 0.5
    """Of the purchases that are never finished: not even redeemed."""
    redemption_unreported: float = 0.03
    """Of the completions: `completed_without_redemption` where the rules require one, and nobody attended, either."""
    redeemed_by_platform: float = 0.4
    """Of the redemptions: said by the platform; all others by the institution."""
    redeemed_elsewhere: float = 0.006
    """Redeemed first at an institution that does not give the course: `institution_mismatch`."""
    redeemed_before_purchase: float = 0.004
    """A clock that is wrong dates the redemption before the purchase, and is put right: `redeemed_before_purchase`."""
    number_of_sessions: tuple[float, ...] = (0.40, 0.30, 0.20, 0.10)
    """Of the courses begun: with 1, 2, 3, … sessions that are reported."""
    absent: float = 0.06
    """Of the sessions: the person was not there."""
    never_attended: float = 0.03
    """Of the courses begun: every session is missed, and yet most are certified: `completed_without_attendance`."""
    session_misnumbered: float = 0.002
    """Of the sessions: reported first with a number beyond 60: `invalid_session`."""
    not_reviewed: float = 0.12
    """Of the completions: no review, and so no incentives for it."""
    reviewed_before_completion: float = 0.01
    """Of the reviews: sent first before the course was finished: `not_completed`."""
    rated_beyond_five: float = 0.004
    """Of the reviews: sent first with more than five stars: `invalid_rating`."""
    cleared: float = 0.6
    """Of the doubtful completions with a review: an officer clears them; the others hold the incentives back."""
    cleared_without_flags: float = 0.003
    """Of the completions that are not doubtful: cleared all the same: `no_flags`."""

    # Incentives.
    survey_answered: float = 0.6
    """Of the surveys of an entitled person."""
    surveyed_too_early: float = 0.01
    """Of the people who learn: a survey comes in before the first completion: `not_entitled`."""
    survey_unknown: float = 0.004
    """Of the answered surveys: under a number that the rules don't have first: `invalid_survey`."""
    payout_failed: float = 0.05
    """Of the payouts: the bank refuses; a new try has a new id."""
    retried_with_same_id: float = 0.1
    """Of the failed payouts: tried again under the id that failed: `payout_failed_before`."""
    payout_reversed: float = 0.012
    """Of the payouts: the bank sends the money back some days later."""
    reversed_wrong_amount: float = 0.1
    """Of the reversals: a part of the amount is reported first: `amount_mismatch`."""
    reversed_unknown: float = 0.1
    """Of the reversals: reported first of a payout that never was: `unknown_payout`."""
    payout_given_up: float = 0.15
    """Of the payouts failed or sent back: never tried again, so that they stay outstanding."""
    paid_beyond_entitlement: float = 0.008
    """Of the people paid: one payout more than they are owed: `exceeds_entitlement`."""
    paid_while_held: float = 0.08
    """Of the people whose incentives are held: one is paid all the same: `exceeds_entitlement`."""
    paid_while_suspended: float = 0.3
    """Of the payouts that fall into a suspension: tried all the same: `wallet_suspended`."""
    paid_after_closing: float = 0.3
    """Of the people revoked or blacklisted who were owed more: one more payout: `wallet_closed`."""

    # Sanctions, of the people, and money asked back.
    suspended: float = 0.012
    """For some weeks, and reinstated then."""
    revoked_as_sanction: float = 0.006
    """Suspended, and some weeks later revoked."""
    blacklisted: float = 0.006
    buy_while_suspended: float = 0.5
    """Of the suspended who want a course meanwhile: they try: `wallet_suspended`."""
    sanction_unknown: float = 0.1
    """Of the sanctions: reported first as one that the rules don't know: `invalid_sanction`."""
    reinstated_after_closing: float = 0.1
    """Of the revoked and blacklisted: reinstated by mistake: `wallet_closed`."""
    asked_back: float = 0.7
    """Of the people revoked or blacklisted who received anything: all of it is asked back."""
    asked_back_by_audit: float = 0.01
    """Of all other people who spent saldo: an audit asks that back."""
    clawback_beyond_received: float = 0.15
    """Of the clawbacks: ordered first for twice as much as was received: `exceeds_received`."""
    repaid: float = 0.65
    repaid_in_parts: float = 0.5
    """Of the clawbacks repaid: in three parts."""
    repayment_stopped: float = 0.25
    """Of the parts: neither it nor what should follow is repaid."""
    repaid_unknown: float = 0.15
    """Of the clawbacks: repaid first under a number with a mistake: `unknown_clawback`."""
    repaid_too_much: float = 0.15
    """Of the clawbacks: the last part is more than is left of it: `exceeds_clawback`."""

    # Sweeps (the programme takes unspent saldo back), of the people swept.
    buy_after_spend_by: float = 0.02
    """They try to spend what is left after its last day: `after_spend_by`, or `wallet_closed`."""
    swept_early: float = 0.006
    """Swept before the deadline, too: `not_due`."""
    swept_twice: float = 0.01
    """Swept by the next night's run, too: `duplicate`."""
    swept_without_ground: float = 0.004
    """Swept first for a reason that the rules don't know: `invalid_reason`."""

    # Reports, of all events.
    resent: float = 0.012
    """Sent again, every byte the same: `duplicate`."""
    contradicted: float = 0.004
    """Sent again with another amount or certificate: `reference_conflict` or the like."""
    wrong_publisher: float = 0.003
    """Sent first by someone who may not say so: `not_authorised`."""
    reported_late: float = 0.01
    """Reported hours or weeks after it happened, and so after what followed it."""

    def __post_init__(self) -> None:
        check_shares(self)
        if not 1_000 <= self.price_min <= self.price_max:
            raise DompetError("proportions: price_min must be at least 1000, and at most price_max")
        if not (self.market and self.number_of_purchases and self.number_of_sessions):
            raise DompetError("proportions: market, number_of_purchases, number_of_sessions must each have an entry")


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
