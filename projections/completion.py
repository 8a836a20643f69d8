"""The rules of completion. Arguments as in `wallet`."""

from typing import Final

from dompet.projections.laws import Laws
from dompet.projections.rule import Checks, Rule, Sayer
from dompet.projections.views import View, choose
from dompet.projections.vocabulary import Flag, Verdict


def _completion_checks(e: View, w: View, o: View, r: View, laws: Laws) -> Checks:
    yield o.missing, Verdict.UNKNOWN_ORDER
    yield o.completed & (o.certificate_id == e.certificate_id), Verdict.DUPLICATE
    yield o.completed, Verdict.COMPLETION_CONFLICT
    yield o.refunded, Verdict.ORDER_REFUNDED
    yield e.occurred_at < o.purchased_at, Verdict.COMPLETED_BEFORE_PURCHASE


def _completion_effects(e: View, w: View, o: View, r: View, laws: Laws) -> None:
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


RULES: Final = (Rule("CourseCompleted", Sayer.PLATFORM, _completion_checks, _completion_effects),)
