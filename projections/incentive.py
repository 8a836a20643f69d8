"""The rules of the incentive: who is entitled to it, surveys, payouts. Arguments as in `wallet`."""

from typing import Final

from dompet.projections.laws import Laws
from dompet.projections.rule import Checks, Publishers, Rule
from dompet.projections.views import View, bit, choose
from dompet.projections.vocabulary import DOUBTFUL, ReferenceKind, Stage, Status, Verdict


def entitle(w: View, o: View, laws: Laws) -> None:
    """The entitlement, once per wallet, by an order that is completed (and reviewed, where that is required): held
    while the order is doubtful and not cleared. Runs at the end of the effects that can bring it about.
    """
    finished = (o.completed_at > 0) & (o.refunded == 0)
    reviewed = (laws.review_required[w.rules] == 0) | (o.reviewed_at > 0)
    decided = (w.entitled == 0) & (w.shut_out == 0) & finished & reviewed
    doubtful = ((o.flags & DOUBTFUL.value) != 0) & (o.cleared == 0)
    earned = decided & (doubtful == 0)
    w.held = choose(decided, doubtful, w.held)
    w.entitled = w.entitled | earned
    w.incentive_due += choose(earned, laws.incentive[w.rules], 0)


def _survey_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    yield w.missing, Verdict.UNKNOWN_WALLET
    yield (e.survey_no < 1) | (e.survey_no > laws.survey_times[w.rules]), Verdict.INVALID_SURVEY
    yield (w.surveys & bit(e.survey_no)) != 0, Verdict.DUPLICATE
    yield w.shut_out, Verdict.WALLET_CLOSED
    yield w.entitled == 0, Verdict.NOT_ENTITLED


def _survey_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    w.surveys |= bit(e.survey_no)
    w.incentive_due += laws.survey_amount[w.rules]


def _payout_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    paid = (r.stage == Stage.PAID.value) | (r.stage == Stage.REVERSED.value)
    yield paid & (r.amount == e.amount), Verdict.DUPLICATE
    yield paid, Verdict.REFERENCE_CONFLICT
    yield r.stage == Stage.FAILED.value, Verdict.PAYOUT_FAILED_BEFORE
    yield w.missing, Verdict.UNKNOWN_WALLET
    yield w.status == Status.SUSPENDED.value, Verdict.WALLET_SUSPENDED
    yield w.shut_out, Verdict.WALLET_CLOSED
    yield w.incentive_paid + e.amount > w.incentive_due, Verdict.EXCEEDS_ENTITLEMENT


def _payout_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    r.amount = e.amount
    r.stage = Stage.PAID.value
    w.incentive_paid += e.amount


def _failure_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    yield r.stage == Stage.FAILED.value, Verdict.DUPLICATE
    yield r.exists, Verdict.PAYOUT_PAID_BEFORE
    yield w.missing, Verdict.UNKNOWN_WALLET


def _failure_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    r.amount = e.amount
    r.stage = Stage.FAILED.value
    w.payout_failures += 1


def _reversal_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    # A reversal is always of the whole payout, so the amount of the one is that of the other.
    yield (r.stage == Stage.REVERSED.value) & (r.amount == e.amount), Verdict.DUPLICATE
    yield r.stage == Stage.REVERSED.value, Verdict.REFERENCE_CONFLICT
    yield r.stage != Stage.PAID.value, Verdict.UNKNOWN_PAYOUT
    yield e.amount != r.amount, Verdict.AMOUNT_MISMATCH


def _reversal_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    r.stage = Stage.REVERSED.value
    w.incentive_paid -= e.amount


_PAYOUT: Final = (ReferenceKind.PAYOUT, "payout_id")

RULES: Final = (
    Rule("SurveySubmitted", Publishers.PROGRAMME, _survey_checks, _survey_effects),
    Rule("IncentivePaid", Publishers.PROGRAMME, _payout_checks, _payout_effects, reference=_PAYOUT),
    Rule("IncentivePayoutFailed", Publishers.PROGRAMME, _failure_checks, _failure_effects, reference=_PAYOUT),
    Rule("IncentiveReversed", Publishers.PROGRAMME, _reversal_checks, _reversal_effects, reference=_PAYOUT),
)
