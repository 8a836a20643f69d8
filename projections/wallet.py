"""The rules of the wallet: credit, purchase, refund, revocation, sanction.

Each rule is its line of the specification's table: checks in order, the first that holds decides, then the effect of an
accepted event. `e` is the event, `w` its beneficiary's wallet, `o` the order it names, `r` the reference whose id it
carries, `c` the clawback that a repayment pays on, `laws` the dated rules.
"""

from typing import Final

from dompet.projections.laws import Laws
from dompet.projections.rule import Checks, Publishers, Rule
from dompet.projections.views import View, choose
from dompet.projections.vocabulary import Flag, ReferenceKind, Status, Verdict


def _credit_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    yield r.exists & (r.amount == e.amount), Verdict.DUPLICATE
    yield r.exists, Verdict.REFERENCE_CONFLICT
    yield w.closed, Verdict.WALLET_CLOSED
    yield w.missing & (laws.in_force(e.occurred_at) < 0), Verdict.NO_RULES
    yield w.exists & (w.credits == laws.max_credits[w.rules]), Verdict.ALREADY_CREDITED


def _credit_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    first = w.credits == 0
    rules = choose(first, laws.in_force(e.occurred_at), w.rules)
    w.rules = rules
    w.wave = choose(first, e.wave, w.wave)
    w.decree = choose(first, e.decree, w.decree)
    w.status = choose(first, Status.ACTIVE.value, w.status)
    w.first_purchase_due = choose(first, laws.first_purchase_due(rules, e.occurred_at), w.first_purchase_due)
    w.spend_by = choose(first, laws.spend_by(rules, e.occurred_at), w.spend_by)
    w.credits += 1
    w.credited += e.amount
    w.balance += e.amount
    r.amount = e.amount


def _purchase_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    same_sale = (
        (o.course_id == e.course_id)
        & (o.institution_id == e.institution_id)
        & (o.price == e.price)
        & (o.commission == e.commission)
    )
    yield o.exists & same_sale, Verdict.DUPLICATE
    yield o.exists, Verdict.ORDER_CONFLICT
    yield w.missing, Verdict.UNKNOWN_WALLET
    yield w.closed, Verdict.WALLET_CLOSED
    yield w.status == Status.SUSPENDED.value, Verdict.WALLET_SUSPENDED
    yield (w.purchases == 0) & (e.occurred_at > w.first_purchase_due), Verdict.FIRST_PURCHASE_LATE
    yield e.occurred_at > w.spend_by, Verdict.AFTER_SPEND_BY
    yield laws.one_open_course[w.rules] & (w.open_orders > 0), Verdict.PREVIOUS_COURSE_OPEN
    yield e.price > w.balance, Verdict.INSUFFICIENT_BALANCE


def _purchase_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    o.course_id = e.course_id
    o.institution_id = e.institution_id
    o.price = e.price
    o.commission = e.commission
    o.purchased_at = e.occurred_at
    w.balance -= e.price
    w.spent += e.price
    w.purchases += 1
    w.open_orders += 1
    above_cap = e.commission * 10_000 > e.price * laws.commission_cap_bp[w.rules]
    o.flags = o.flags | choose(above_cap, Flag.COMMISSION_ABOVE_CAP.value, 0)


def _refund_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    yield o.missing, Verdict.UNKNOWN_ORDER
    yield o.refunded & (o.price == e.amount), Verdict.DUPLICATE  # a refund is always of the whole price
    yield o.refunded, Verdict.REFUND_CONFLICT
    yield o.completed, Verdict.ORDER_COMPLETED
    yield e.amount != o.price, Verdict.AMOUNT_MISMATCH


def _refund_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    o.refunded = True
    w.refunded += e.amount
    w.open_orders -= 1
    w.returned += choose(w.closed, e.amount, 0)
    w.balance += choose(w.closed, 0, e.amount)


_FIRST_PURCHASE_DEADLINE: Final = "first_purchase_deadline"
_SPEND_BY: Final = "spend_by"
REVOCATION_REASONS: Final = ("", _FIRST_PURCHASE_DEADLINE, _SPEND_BY, "ineligible", "sanction")
"""The reasons a revocation may state, with the numbers that `e.revocation` gives them; 0 is any other."""
_DEADLINES_END: Final = 3


def _revocation_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    yield w.missing, Verdict.UNKNOWN_WALLET
    yield w.closed, Verdict.DUPLICATE
    early = (w.purchases > 0) | (e.occurred_at <= w.first_purchase_due)
    yield (e.revocation == REVOCATION_REASONS.index(_FIRST_PURCHASE_DEADLINE)) & early, Verdict.NOT_DUE
    yield (e.revocation == REVOCATION_REASONS.index(_SPEND_BY)) & (e.occurred_at <= w.spend_by), Verdict.NOT_DUE
    yield e.revocation == 0, Verdict.INVALID_REASON


def _revocation_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    w.returned += w.balance
    w.balance -= w.balance
    w.status = choose(e.revocation < _DEADLINES_END, Status.EXPIRED.value, Status.REVOKED.value)


_SUSPEND: Final = "suspend"
_REINSTATE: Final = "reinstate"
_BLACKLIST: Final = "blacklist"
SANCTIONS: Final = ("", _SUSPEND, _REINSTATE, _BLACKLIST)
"""The sanctions there are, with the numbers that `e.sanction` gives them; 0 is any other text."""


def _sanction_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    suspend = e.sanction == SANCTIONS.index(_SUSPEND)
    reinstate = e.sanction == SANCTIONS.index(_REINSTATE)
    blacklist = e.sanction == SANCTIONS.index(_BLACKLIST)
    yield r.exists, Verdict.DUPLICATE
    yield w.missing, Verdict.UNKNOWN_WALLET
    yield e.sanction == 0, Verdict.INVALID_SANCTION
    yield suspend & (w.status == Status.SUSPENDED.value), Verdict.DUPLICATE
    yield reinstate & (w.status == Status.ACTIVE.value), Verdict.DUPLICATE
    yield (suspend | reinstate) & w.closed, Verdict.WALLET_CLOSED
    yield blacklist & (w.status == Status.BLACKLISTED.value), Verdict.DUPLICATE


def _sanction_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    blacklist = e.sanction == SANCTIONS.index(_BLACKLIST)
    left = choose(blacklist, w.balance, 0)
    w.returned += left
    w.balance -= left
    suspended_or_active = choose(e.sanction == SANCTIONS.index(_SUSPEND), Status.SUSPENDED.value, Status.ACTIVE.value)
    w.status = choose(blacklist, Status.BLACKLISTED.value, suspended_or_active)


RULES: Final = (
    Rule(
        "SaldoCredited",
        Publishers.PROGRAMME,
        _credit_checks,
        _credit_effects,
        opens_wallet=True,
        reference=(ReferenceKind.CREDIT, "credit_id"),
    ),
    Rule("CoursePurchased", Publishers.PLATFORM, _purchase_checks, _purchase_effects, opens_order=True),
    Rule("PurchaseRefunded", Publishers.PLATFORM, _refund_checks, _refund_effects),
    Rule("SaldoRevoked", Publishers.PROGRAMME, _revocation_checks, _revocation_effects),
    Rule(
        "BeneficiarySanctioned",
        Publishers.PROGRAMME,
        _sanction_checks,
        _sanction_effects,
        reference=(ReferenceKind.SANCTION, "event_id"),
    ),
)
