"""What is paid to a person for learning: the incentives of the first course, and those of surveys."""

from typing import Final

from dompet.streams.demo.programme.life import PROGRAMME, Life
from dompet.streams.demo.programme.waves import DAY_US

_CHANNELS: Final = ("BNI", "BCA", "GoPay", "OVO", "DANA", "LinkAja")
_FAULTS: Final = ("rekening tidak aktif", "nama tidak cocok", "batas saldo terlampaui")


def is_paid(life: Life) -> None:
    """Payout after payout, a month apart, and surveys meanwhile; some are tried though nothing is owed."""
    p, wave = life.proportions, life.wave
    if life.bought and life.happens("SurveySubmitted", p.surveyed_too_early):
        _submits(life, life.starts_at + life.days(0.1, 1), 1)
    begins_at = life.entitled_at
    if begins_at is None:
        if life.held_at is not None and life.happens("IncentivePaid", p.paid_while_held):
            _pay(life, life.held_at + life.days(3, 14), wave.incentive_amount, _payout_id(life))
        return
    if "SurveySubmitted" in life.world.types:
        _is_surveyed(life, begins_at)
    if "IncentivePaid" not in life.world.types:
        return
    at = begins_at + life.days(3, 14)
    for _ in range(wave.incentive_times):
        if not _is_owed(life, at, wave.incentive_amount):
            return
        at += 30 * DAY_US
    if life.chance(p.paid_beyond_entitlement):
        _pay(life, at + life.days(60, 90), wave.incentive_amount, _payout_id(life))


def _is_surveyed(life: Life, begins_at: int) -> None:
    p, wave = life.proportions, life.wave
    for number in range(1, wave.survey_times + 1):
        at = begins_at + life.days(40 * number - 30, 40 * number)
        if life.is_closed(at):
            return
        if not life.chance(p.survey_answered):
            continue
        if life.chance(p.survey_unknown):
            _submits(life, at, wave.survey_times + number)
        at = _submits(life, at, number)
        if "IncentivePaid" in life.world.types:
            _is_owed(life, at + life.days(3, 14), wave.survey_amount)


def _submits(life: Life, at: int, number: int) -> int:
    return life.say("SurveySubmitted", at, PROGRAMME, {"survey_no": number})


def _is_owed(life: Life, at: int, amount: int) -> bool:
    """Pay what is owed, if need be with a new try; False where the person is not to be paid any more."""
    p, payout_id = life.proportions, _payout_id(life)
    if life.is_suspended(at):
        if life.chance(p.paid_while_suspended):
            _pay(life, at, amount, payout_id)
        at = life.suspended_until + life.days(1, 5)
    if life.is_closed(at):
        if life.chance(p.paid_after_closing):
            _pay(life, at, amount, payout_id)
        return False
    if life.happens("IncentivePayoutFailed", p.payout_failed):
        own = {**_payout(life, amount, payout_id), "reason": _FAULTS[int(life.random() * len(_FAULTS))]}
        at = life.say("IncentivePayoutFailed", at, PROGRAMME, own)
        if life.chance(p.payout_given_up):
            return True
        at += life.days(2, 10)
        if life.chance(p.retried_with_same_id):
            _pay(life, at, amount, payout_id)
        payout_id = _payout_id(life)
    _arrives(life, at, amount, payout_id)
    return True


def _arrives(life: Life, at: int, amount: int, payout_id: str) -> None:
    """Pay, and pay again where the bank sends the money back."""
    at = _pay(life, at, amount, payout_id)
    life.incentives += amount
    if not life.happens("IncentiveReversed", life.proportions.payout_reversed):
        return
    at += life.days(1, 7)
    mishap = life.world.of_reversal.drawn(life.random())
    if mishap == "reversed_wrong_amount":
        _reverse(life, at, amount // 2, payout_id)
    elif mishap == "reversed_unknown":
        _reverse(life, at, amount, _payout_id(life))
    at = _reverse(life, at, amount, payout_id)
    life.incentives -= amount
    if not life.chance(life.proportions.payout_given_up):
        at += life.days(2, 10)
        if not life.is_closed(at):
            _pay(life, at, amount, _payout_id(life))
            life.incentives += amount


def _pay(life: Life, at: int, amount: int, payout_id: str) -> int:
    return life.say("IncentivePaid", at, PROGRAMME, _payout(life, amount, payout_id))


def _reverse(life: Life, at: int, amount: int, payout_id: str) -> int:
    own = {"payout_id": payout_id, "amount": amount, "reason": "dikembalikan oleh bank"}
    return life.say("IncentiveReversed", at, PROGRAMME, own)


def _payout(life: Life, amount: int, payout_id: str) -> dict[str, str | int]:
    return {"payout_id": payout_id, "amount": amount, "channel": _CHANNELS[life.person % len(_CHANNELS)]}


def _payout_id(life: Life) -> str:
    return f"insentif-{life.digits(5)}"
