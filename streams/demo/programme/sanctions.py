"""Sanctions, and money that the state asks back."""

from dompet.streams.demo.programme.life import PROGRAMME, Life
from dompet.streams.demo.programme.waves import DAY_US


def is_sanctioned(life: Life) -> None:
    """Few people are suspended and reinstated, revoked in the end, or blacklisted at once."""
    no_wallet = life.role == "never_credited"
    if no_wallet or life.closed_at is not None or "BeneficiarySanctioned" not in life.world.types:
        return
    sanction = life.world.of_sanction.drawn(life.random())
    if not sanction:
        return
    first = life.starts_at + 5 * DAY_US
    at = first + int((life.wave.spend_by_us - first) * life.random())
    if life.chance(life.proportions.sanction_unknown):
        _sanction(life, at, "teguran")
    if sanction == "blacklisted":
        _sanction(life, at, "blacklist")
        life.closed_at, life.closed_for = at, "blacklist"
    else:
        _sanction(life, at, "suspend")
        life.suspended_from, life.suspended_until = at, at + life.days(7, 45)
    if sanction == "revoked_as_sanction":
        life.closed_at, life.closed_for = life.suspended_until, "sanction"
    elif sanction == "suspended":
        _sanction(life, life.suspended_until, "reinstate")
    if life.closed_at is not None and life.chance(life.proportions.reinstated_after_closing):
        _sanction(life, life.closed_at + life.days(5, 30), "reinstate")


def _sanction(life: Life, at: int, sanction: str) -> None:
    life.say("BeneficiarySanctioned", at, PROGRAMME, {"sanction": sanction, "reason": "temuan pemeriksaan"})


def is_asked_back(life: Life) -> None:
    """The state asks back what a person who is revoked or blacklisted received; an audit, what others spent."""
    p, spent = life.proportions, life.wave.amount - life.balance
    if life.closed_at is None:
        share, at, amount = p.asked_back_by_audit, life.wave.spend_by_us, spent
    else:
        share, at, amount = p.asked_back, life.closed_at, spent + life.incentives
    if amount == 0 or not life.happens("ClawbackOrdered", share):
        return
    at += life.days(20, 90)
    clawback_id = f"tagih-{life.wave.year}-{life.digits(5)}"
    mishap = life.world.of_clawback.drawn(life.random())
    if mishap == "clawback_beyond_received":
        _order(life, at, clawback_id, 2 * (spent + life.incentives) + 1)
    at = _order(life, at, clawback_id, amount)
    if life.happens("ClawbackRepaid", p.repaid):
        _repays(life, at, clawback_id, amount, mishap)


def _repays(life: Life, at: int, clawback_id: str, amount: int, mishap: str) -> None:
    """All of it at once or in three parts, of which some don't come."""
    p = life.proportions
    parts, left = 3 if life.chance(p.repaid_in_parts) else 1, amount
    for part in range(parts):
        if life.chance(p.repayment_stopped):
            return
        at += life.days(5, 30)
        last, repayment_id = part == parts - 1, f"setor-{life.digits(5)}"
        size = left if last else amount // parts
        if part == 0 and mishap == "repaid_unknown":
            _repay(life, at, clawback_id + "0", repayment_id, size)
        elif last and mishap == "repaid_too_much":
            _repay(life, at, clawback_id, repayment_id, size + 50_000)
        _repay(life, at, clawback_id, repayment_id, size)
        left -= size


def _order(life: Life, at: int, clawback_id: str, amount: int) -> int:
    return life.say("ClawbackOrdered", at, PROGRAMME, {"clawback_id": clawback_id, "amount": amount})


def _repay(life: Life, at: int, clawback_id: str, repayment_id: str, amount: int) -> None:
    own = {"clawback_id": clawback_id, "repayment_id": repayment_id, "amount": amount}
    life.say("ClawbackRepaid", at, PROGRAMME, own)
