"""Every proportion of the demonstration programme, in one place.

A share is a number from 0 to 1 and is drawn for each person, purchase, completion, sweep or event apart. Outcomes and
reasons named below are the fold's: what a share is there to show.
"""

from dataclasses import dataclass, fields
from typing import Final

from dompet.schemas.errors import DompetError


@dataclass(frozen=True)
class MarketShare:
    """A platform's share of all purchases, and the commission it usually keeps, in hundredths of a percent."""

    platform_id: str
    share: float
    commission_bp: int


MARKET: Final = (
    MarketShare("tokopedia", 0.27, 1000),
    MarketShare("bukalapak", 0.19, 1000),
    MarketShare("ruangguru", 0.14, 1400),
    MarketShare("maubelajarapa", 0.12, 1200),
    MarketShare("pintaria", 0.11, 1500),
    MarketShare("sekolahmu", 0.09, 1300),
    MarketShare("pijarmahir", 0.05, 900),
    MarketShare("kemnaker", 0.03, 0),
)


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
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type is float and not 0 <= value <= 1:
                raise DompetError(f"proportions: {field.name} is {value}; a share must be from 0 to 1")
        for names in ALTERNATIVES.values():
            if (whole := sum(getattr(self, name) for name in names)) > 1:
                raise DompetError(f"proportions: {', '.join(names)} make {whole:g} together; at most one may befall")
        if not 1_000 <= self.price_min <= self.price_max:
            raise DompetError("proportions: price_min must be at least 1000, and at most price_max")
        if not self.market or not self.number_of_purchases:
            raise DompetError("proportions: market and number_of_purchases must each have an entry")


ALTERNATIVES: Final = {
    "person": ("never_credited", "never_buy", "buy_late"),
    "credit": ("credited_before_rules", "credited_twice", "ineligible"),
    "sale": ("beyond_balance", "no_price", "above_commission_cap", "above_list_price", "bulk_order"),
    "order": ("never_finished", "refunded", "too_fast"),
    "completion": ("mistyped_order", "completed_before_purchase", "refund_after_completion"),
    "refund": ("mistyped_order", "refund_wrong_amount", "completed_after_refund"),
    "sweep": ("buy_after_spend_by", "swept_early", "swept_twice", "swept_without_ground"),
    "report": ("resent", "contradicted", "wrong_publisher", "reported_late"),
}
"""Shares of one whole: at most one of a line's befalls a person, a credit, a sale and so on."""
