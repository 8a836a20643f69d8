"""The phases of a life in the programme, one function each, in the order in which they are decided."""

from collections.abc import Callable
from typing import Final

from dompet.streams.demo.programme.incentives import is_paid
from dompet.streams.demo.programme.learning import learns
from dompet.streams.demo.programme.life import PROGRAMME, Life
from dompet.streams.demo.programme.sanctions import is_asked_back, is_sanctioned
from dompet.streams.demo.programme.shopping import buys
from dompet.streams.demo.programme.waves import DAY_US


def is_credited(life: Life) -> None:
    """The state credits the training balance, and may find out later that it should not have."""
    if life.role == "never_credited":
        return
    mishap = life.world.of_credit.drawn(life.random())
    if mishap == "credited_before_rules" and life.wave.year == 2020:
        _credit(life, life.starts_at, dated=life.wave.rules_begin_us - life.days(1, 20))
    life.credited_at = _credit(life, life.starts_at)
    if mishap == "credited_twice":
        _credit(life, life.starts_at + life.days(5, 60))
    elif mishap == "ineligible":
        life.closed_at, life.closed_for = life.starts_at + life.days(5, 60), "ineligible"


def _credit(life: Life, at: int, dated: int | None = None) -> int:
    wave = life.wave
    own = {
        "credit_id": f"saldo-{wave.year}-{wave.number}-{life.digits(4)}",
        "decree": wave.decree,
        "wave": wave.number,
        "amount": wave.amount,
    }
    return life.say("SaldoCredited", at, PROGRAMME, own, dated)


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
        if life.is_suspended(at):
            if life.chance(life.proportions.buy_while_suspended):
                buys(life, at)
            at = life.suspended_until + life.days(0.1, 5)
            if at > _last_moment(life):
                return
        closed = life.is_closed(at)
        if closed and not life.chance(life.proportions.buy_after_closing):
            return
        order = buys(life, at)
        if closed or order is None:
            return
        life.balance -= order.price
        life.bought += 1
        at = learns(life, order, wants_more=left > 0)


def _last_moment(life: Life) -> int:
    """Until when the person may buy."""
    first = life.starts_at + life.wave.first_purchase_us
    return life.wave.spend_by_us if life.bought else min(first, life.wave.spend_by_us)


def gives_back(life: Life) -> None:
    """What was not spent in time returns to the state, as a nightly sweep finds it."""
    if life.closed_for == "blacklist":
        return  # the sanction itself returned the saldo
    deadline, reason = life.starts_at + life.wave.first_purchase_us, "first_purchase_deadline"
    if life.closed_at is not None:
        deadline, reason = life.closed_at, life.closed_for
    elif life.bought or deadline >= life.wave.spend_by_us:
        deadline, reason = life.wave.spend_by_us, "spend_by"
        if life.balance == 0:
            return
    at = deadline if life.closed_at is not None else deadline + life.days(0.2, 2)
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


PHASES: Final[tuple[Callable[[Life], None], ...]] = (
    is_credited,
    is_sanctioned,
    buys_and_learns,
    gives_back,
    is_paid,
    is_asked_back,
)


def live(life: Life) -> None:
    """Publish all that is reported of a life."""
    for phase in PHASES:
        phase(life)
