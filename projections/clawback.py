"""The rules of what the state asks back. Arguments as in `wallet`."""

from typing import Final

from dompet.projections.laws import Laws
from dompet.projections.rule import Checks, Publishers, Rule
from dompet.projections.views import View
from dompet.projections.vocabulary import ReferenceKind, Verdict


def _order_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    yield r.exists & (r.amount == e.amount), Verdict.DUPLICATE
    yield r.exists, Verdict.REFERENCE_CONFLICT
    yield w.missing, Verdict.UNKNOWN_WALLET
    received = (w.spent - w.refunded) + w.incentive_paid
    yield w.clawback_ordered + e.amount > received, Verdict.EXCEEDS_RECEIVED


def _order_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    r.amount = e.amount
    w.clawback_ordered += e.amount


def _repayment_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    yield r.exists & (r.amount == e.amount), Verdict.DUPLICATE
    yield r.exists, Verdict.REFERENCE_CONFLICT
    yield c.missing, Verdict.UNKNOWN_CLAWBACK
    yield c.repaid + e.amount > c.amount, Verdict.EXCEEDS_CLAWBACK


def _repayment_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    r.amount = e.amount
    c.repaid += e.amount
    w.clawback_repaid += e.amount


RULES: Final = (
    Rule(
        "ClawbackOrdered",
        Publishers.PROGRAMME,
        _order_checks,
        _order_effects,
        reference=(ReferenceKind.CLAWBACK, "clawback_id"),
    ),
    Rule(
        "ClawbackRepaid",
        Publishers.PROGRAMME,
        _repayment_checks,
        _repayment_effects,
        reference=(ReferenceKind.REPAYMENT, "repayment_id"),
        pays_on_clawback=True,
    ),
)
