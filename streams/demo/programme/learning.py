"""What becomes of a purchase: redeemed, attended, finished, reviewed and cleared, or taken back."""

from typing import Final

from dompet.streams.demo.programme.life import PROGRAMME, Life, Order
from dompet.streams.demo.programme.shopping import buys
from dompet.streams.demo.programme.waves import DAY_US

_REFUND_REASONS: Final = ("kelas dibatalkan", "salah pilih kelas", "jadwal tidak cocok", "lembaga tidak merespons")
_OFFICERS: Final = 12


def learns(life: Life, order: Order, wants_more: bool) -> int | None:
    """What becomes of a purchase; when the next course is wanted, or None where this one stays open for good."""
    at, p = order.bought_at, life.proportions
    if life.chance(p.two_at_a_time):
        buys(life, at + life.days(0.0003, 0.001))
    fate = life.world.of_order.drawn(life.random())
    if fate == "never_finished":
        _studies(life, order, at + 30 * DAY_US, p.never_begun)
        if wants_more:
            buys(life, at + life.days(10, 60))
        return None
    if fate == "refunded":
        at += life.days(0.1, 10)
        _is_refunded(life, order, at)
        life.balance += order.price
        return at + life.days(0.1, 25)
    if fate == "too_fast":
        at += int(life.wave.min_completion_us * (0.1 + 0.7 * life.random()))
    else:
        at += life.days(1, 40)
    sound = _studies(life, order, at, p.redemption_unreported) and fate != "too_fast"
    reported_at = _completes(life, order, at)
    _reviews(life, order, reported_at, sound)
    return at + life.days(0.1, 25)


def _studies(life: Life, order: Order, ends_at: int, not_redeemed: float) -> bool:
    """The redemption and the sessions, up to a moment; whether they are what the rules require."""
    begins_at, redeemed = order.bought_at, life.happens("CourseRedeemed", 1 - not_redeemed)
    if redeemed:
        # A quarter of the time at most: what is left is enough for the shortest completion that is no doubt.
        begins_at += int((ends_at - begins_at) * 0.25 * life.random())
        _redeems(life, order, begins_at)
    attended = (
        (redeemed or "CourseRedeemed" not in life.world.types)
        and "AttendanceRecorded" in life.world.types
        and _attends(life, order, begins_at, ends_at)
    )
    return (redeemed or not life.wave.redemption_required) and (attended or not life.wave.attendance_required)


def _redeems(life: Life, order: Order, at: int) -> None:
    platform_id, institution_id = order.offer.platform_id, order.course.institution_id
    own = {"platform_id": platform_id, "order_id": order.order_id, "institution_id": institution_id}
    says = platform_id if life.chance(life.proportions.redeemed_by_platform) else institution_id
    mishap = life.world.of_redemption.drawn(life.random())
    if mishap == "redeemed_elsewhere":
        institutions = life.world.institutions
        other = institutions[(institutions.index(institution_id) + 1) % len(institutions)]
        life.say("CourseRedeemed", at, platform_id, {**own, "institution_id": other})
    elif mishap == "redeemed_before_purchase":
        life.say("CourseRedeemed", at, says, {**own}, dated=order.bought_at - life.days(0.1, 2))
    life.say("CourseRedeemed", at, says, own)


def _attends(life: Life, order: Order, begins_at: int, ends_at: int) -> bool:
    """All sessions of a course; whether the person was there at any."""
    p, platform_id = life.proportions, order.offer.platform_id
    sessions = life.pick(life.world.sessions) + 1
    never, attended = life.chance(p.never_attended), False
    for session in range(1, sessions + 1):
        at = begins_at + (ends_at - begins_at) * session // (sessions + 1)
        present = not life.chance(p.absent) and not never
        attended = attended or present
        own = {"platform_id": platform_id, "order_id": order.order_id, "session": session, "present": present}
        if life.chance(p.session_misnumbered):
            life.say("AttendanceRecorded", at, platform_id, {**own, "session": 60 + session})
        life.say("AttendanceRecorded", at, platform_id, own)
    return attended


def _completes(life: Life, order: Order, at: int) -> int:
    """The platform certifies that the course is finished, perhaps with a mistake first; when it says so."""
    platform_id = order.offer.platform_id
    score = 60 + int(60 * life.random())
    own = {
        "platform_id": platform_id,
        "order_id": order.order_id,
        "certificate_id": f"{order.course.course_id}/{life.digits(5)}",
        "score": score if score <= 100 else None,
    }
    mishap = life.world.of_completion.drawn(life.random())
    if mishap == "mistyped_order":
        life.say("CourseCompleted", at, platform_id, {**own, "order_id": order.order_id + "0"})
    elif mishap == "completed_before_purchase":
        life.say("CourseCompleted", at, platform_id, {**own}, dated=order.bought_at - life.days(0.1, 2))
    reported_at = life.say("CourseCompleted", at, platform_id, own)
    if mishap == "refund_after_completion":
        _refund(life, order, at + life.days(0.1, 10), order.price)
    return reported_at


def _reviews(life: Life, order: Order, completed_at: int, sound: bool) -> None:
    """The person reviews the course, which entitles them to incentives where there is no doubt about it."""
    if not life.happens("CourseReviewed", 1 - life.proportions.not_reviewed):
        return
    at, mishap = completed_at + life.days(0.01, 5), life.world.of_review.drawn(life.random())
    draw = life.random()
    rating = 5 - int(5 * draw * draw * draw)  # most are content
    if mishap == "reviewed_before_completion":
        _review(life, order, (order.bought_at + completed_at) // 2, rating)
    elif mishap == "rated_beyond_five":
        _review(life, order, at, 2 * rating + 4)
    at = _review(life, order, at, rating)
    doubtful = not sound
    if doubtful:
        life.held_at = life.held_at or at
    if doubtful and life.happens("OrderCleared", life.proportions.cleared):
        at, doubtful = _cleared(life, order, at + life.days(2, 30)), False
    elif not doubtful and life.happens("OrderCleared", life.proportions.cleared_without_flags):
        _cleared(life, order, at + life.days(2, 30))
    # What was reported before the credit or the sale was is lost, and so is what is said too late.
    known = life.credited_at <= order.reported_at <= completed_at and not life.is_closed(at)
    if known and not doubtful and life.entitled_at is None:
        life.entitled_at = at


def _review(life: Life, order: Order, at: int, rating: int) -> int:
    platform_id = order.offer.platform_id
    own = {"platform_id": platform_id, "order_id": order.order_id, "rating": rating}
    return life.say("CourseReviewed", at, platform_id, own)


def _cleared(life: Life, order: Order, at: int) -> int:
    """An officer finds nothing wrong with an order; when that is reported."""
    own = {
        "platform_id": order.offer.platform_id,
        "order_id": order.order_id,
        "officer_id": f"petugas-{1 + int(life.random() * _OFFICERS):02d}",
        "note": "bukti kehadiran diperiksa",
    }
    return life.say("OrderCleared", at, PROGRAMME, own)


def _is_refunded(life: Life, order: Order, at: int) -> None:
    """The platform takes the purchase back, perhaps with a mistake first."""
    mishap = life.world.of_refund.drawn(life.random())
    if mishap == "mistyped_order":
        _refund(life, order._replace(order_id=order.order_id + "0"), at, order.price)
    elif mishap == "refund_wrong_amount":
        _refund(life, order, at, order.price // 2)
    _refund(life, order, at, order.price)
    if mishap == "completed_after_refund":
        _completes(life, order, at + life.days(0.1, 10))


def _refund(life: Life, order: Order, at: int, amount: int) -> None:
    own = {
        "platform_id": order.offer.platform_id,
        "order_id": order.order_id,
        "amount": amount,
        "reason": _REFUND_REASONS[int(life.random() * len(_REFUND_REASONS))],
    }
    life.say("PurchaseRefunded", at, order.offer.platform_id, own)
