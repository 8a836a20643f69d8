"""The phases of a life in the programme, one function each, in the order in which they are lived.

Nothing is reported of redemption and attendance: under rules that require them every completion carries their flags.
"""

from collections.abc import Callable
from typing import Final

from dompet.streams.demo.life import Life, Order
from dompet.streams.demo.shopping import buys
from dompet.streams.demo.waves import DAY_US

PROGRAMME: Final = "programme"
"""Who publishes what no platform says."""

_REFUND_REASONS: Final = ("kelas dibatalkan", "salah pilih kelas", "jadwal tidak cocok", "lembaga tidak merespons")


def is_credited(life: Life) -> None:
    """The state credits the training balance, and may find out later that it should not have."""
    if life.role == "never_credited":
        return
    mishap = life.world.of_credit.drawn(life.random())
    if mishap == "credited_before_rules" and life.wave.year == 2020:
        _credit(life, life.starts_at, dated=life.wave.rules_begin_us - life.days(1, 20))
    _credit(life, life.starts_at)
    if mishap == "credited_twice":
        _credit(life, life.starts_at + life.days(5, 60))
    elif mishap == "ineligible":
        life.closed_at = life.starts_at + life.days(5, 60)


def _credit(life: Life, at: int, dated: int | None = None) -> None:
    wave = life.wave
    own = {
        "credit_id": f"saldo-{wave.year}-{wave.number}-{life.digits(4)}",
        "decree": wave.decree,
        "wave": wave.number,
        "amount": wave.amount,
    }
    life.say("SaldoCredited", at, PROGRAMME, own, dated)


def buys_and_learns(life: Life) -> None:
    """Course after course, each finished or refunded before the next, as long as the saldo lasts."""
    if life.role == "never_buy":
        return
    if life.role:
        # Neither purchase can be accepted: the one has no wallet, the other comes after the deadline.
        late = life.wave.first_purchase_us if life.role == "buy_late" else 0
        buys(life, life.starts_at + late + life.days(0.05, 4))
        return
    wanted = life.pick(life.world.purchases) + 1
    last = life.wave.first_purchase_us // DAY_US - 2
    at: int | None = life.starts_at + min(life.days(0, last), life.days(0, last))
    for left in reversed(range(wanted)):
        if at is None or at > life.wave.spend_by_us:
            return
        closed = life.closed_at is not None and at > life.closed_at
        if closed and not life.chance(life.proportions.buy_after_closing):
            return
        order = buys(life, at)
        if closed or order is None:
            return
        life.balance -= order.price
        life.bought += 1
        at = _learns(life, order, wants_more=left > 0)


def _learns(life: Life, order: Order, wants_more: bool) -> int | None:
    """What becomes of a purchase; when the next course is wanted, or None where this one stays open for good."""
    at = order.bought_at
    if life.chance(life.proportions.two_at_a_time):
        buys(life, at + life.days(0.0003, 0.001))
    fate = life.world.of_order.drawn(life.random())
    if fate == "never_finished":
        if wants_more:
            buys(life, at + life.days(10, 60))
        return None
    if fate == "refunded":
        at += life.days(0.1, 10)
        _is_refunded(life, order, at)
        life.balance += order.price
    elif fate == "too_fast":
        at += int(life.wave.min_completion_us * (0.1 + 0.7 * life.random()))
        _completes(life, order, at)
    else:
        at += life.days(1, 40)
        _completes(life, order, at)
    return at + life.days(0.1, 25)


def _completes(life: Life, order: Order, at: int) -> None:
    """The platform certifies that the course is finished, perhaps with a mistake first."""
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
    life.say("CourseCompleted", at, platform_id, own)
    if mishap == "refund_after_completion":
        _refund(life, order, at + life.days(0.1, 10), order.price)


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


def gives_back(life: Life) -> None:
    """What was not spent in time returns to the state, as a nightly sweep finds it."""
    deadline, reason = life.starts_at + life.wave.first_purchase_us, "first_purchase_deadline"
    if life.closed_at is not None:
        deadline, reason = life.closed_at, "ineligible"
    elif life.bought or deadline >= life.wave.spend_by_us:
        deadline, reason = life.wave.spend_by_us, "spend_by"
        if life.balance == 0:
            return
    at = deadline if reason == "ineligible" else deadline + life.days(0.2, 2)
    mishap = life.world.of_sweep.drawn(life.random())
    if mishap == "buy_after_spend_by" and reason == "spend_by":
        buys(life, deadline + life.days(0.05, 2))
    elif mishap == "swept_early":
        _revoke(life, deadline - life.days(0.1, 1), reason)
    elif mishap == "swept_without_ground":
        _revoke(life, at, "permintaan sendiri")
    _revoke(life, at, reason)
    if mishap == "swept_twice":
        _revoke(life, at + DAY_US, reason)


def _revoke(life: Life, at: int, reason: str) -> None:
    life.say("SaldoRevoked", at, PROGRAMME, {"reason": reason})


PHASES: Final[tuple[Callable[[Life], None], ...]] = (is_credited, buys_and_learns, gives_back)


def live(life: Life) -> None:
    """Publish all that is reported of a life."""
    for phase in PHASES:
        phase(life)
