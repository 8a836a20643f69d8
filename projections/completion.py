"""The rules of an order's way from purchase to review: redemption, attendance, completion, review, clearing.

Arguments as in `wallet`.
"""

from typing import Final

from dompet.projections.incentive import entitle
from dompet.projections.laws import Laws
from dompet.projections.rule import Checks, Publishers, Rule
from dompet.projections.views import View, bit, choose
from dompet.projections.vocabulary import Flag, Verdict

SESSIONS_MAX: Final = 60
RATING_MAX: Final = 5


def _redemption_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    yield o.missing, Verdict.UNKNOWN_ORDER
    yield e.institution_id != o.institution_id, Verdict.INSTITUTION_MISMATCH
    yield o.redeemed_at > 0, Verdict.DUPLICATE
    yield o.refunded, Verdict.ORDER_REFUNDED
    yield e.occurred_at < o.purchased_at, Verdict.REDEEMED_BEFORE_PURCHASE


def _redemption_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    o.redeemed_at = e.occurred_at


def _attendance_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    yield o.missing, Verdict.UNKNOWN_ORDER
    yield (e.session < 1) | (e.session > SESSIONS_MAX), Verdict.INVALID_SESSION
    recorded = (o.sessions & bit(e.session)) != 0
    attended = (o.attended & bit(e.session)) != 0
    yield recorded & (attended == (e.present != 0)), Verdict.DUPLICATE
    yield recorded, Verdict.ATTENDANCE_CONFLICT
    yield o.refunded, Verdict.ORDER_REFUNDED


def _attendance_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    o.sessions |= bit(e.session)
    o.attended |= choose(e.present != 0, bit(e.session), 0)


def _completion_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    yield o.missing, Verdict.UNKNOWN_ORDER
    yield o.completed & (o.certificate_id == e.certificate_id), Verdict.DUPLICATE
    yield o.completed, Verdict.COMPLETION_CONFLICT
    yield o.refunded, Verdict.ORDER_REFUNDED
    yield e.occurred_at < o.purchased_at, Verdict.COMPLETED_BEFORE_PURCHASE


def _completion_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    o.completed_at = e.occurred_at
    o.certificate_id = e.certificate_id
    o.score = e.score
    o.has_score = e.has_score
    w.open_orders -= 1
    unredeemed = laws.redemption_required[w.rules] & (o.redeemed_at == 0)
    unattended = laws.attendance_required[w.rules] & (o.attended == 0)
    begun_at = choose(o.redeemed_at > 0, o.redeemed_at, o.purchased_at)
    too_fast = e.occurred_at - begun_at < laws.min_completion_us[w.rules]
    o.flags = (
        o.flags
        | choose(unredeemed, Flag.COMPLETED_WITHOUT_REDEMPTION.value, 0)
        | choose(unattended, Flag.COMPLETED_WITHOUT_ATTENDANCE.value, 0)
        | choose(too_fast, Flag.COMPLETED_TOO_FAST.value, 0)
    )
    entitle(w, o, laws)


def _review_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    yield o.missing, Verdict.UNKNOWN_ORDER
    yield (o.reviewed_at > 0) & (o.rating == e.rating), Verdict.DUPLICATE
    yield o.reviewed_at > 0, Verdict.REVIEW_CONFLICT
    yield o.completed_at == 0, Verdict.NOT_COMPLETED
    yield (e.rating < 1) | (e.rating > RATING_MAX), Verdict.INVALID_RATING


def _review_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    o.reviewed_at = e.occurred_at
    o.rating = e.rating
    entitle(w, o, laws)


def _clearing_checks(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> Checks:
    yield o.missing, Verdict.UNKNOWN_ORDER
    yield o.cleared, Verdict.DUPLICATE
    yield o.completed_at == 0, Verdict.NOT_COMPLETED
    yield o.flags == 0, Verdict.NO_FLAGS


def _clearing_effects(e: View, w: View, o: View, r: View, c: View, laws: Laws) -> None:
    o.cleared = True
    entitle(w, o, laws)


RULES: Final = (
    Rule("CourseRedeemed", Publishers.PLATFORM_OR_INSTITUTION, _redemption_checks, _redemption_effects),
    Rule("AttendanceRecorded", Publishers.PLATFORM, _attendance_checks, _attendance_effects),
    Rule("CourseCompleted", Publishers.PLATFORM, _completion_checks, _completion_effects),
    Rule("CourseReviewed", Publishers.PLATFORM, _review_checks, _review_effects),
    Rule("OrderCleared", Publishers.PROGRAMME, _clearing_checks, _clearing_effects),
)
