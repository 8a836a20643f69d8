"""The fold of five event types as the Faust rival does it: one event at a time, over plain dictionaries."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

ACCEPTED, DUPLICATE = "accepted", "duplicate"

DAY_US, HOUR_US, MINUTE_US = 86_400_000_000, 3_600_000_000, 60_000_000
MAX_AMOUNT = 10**12
JAKARTA = ZoneInfo("Asia/Jakarta")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPEN = ("active", "suspended")
DEADLINES = ("first_purchase_deadline", "spend_by")

Event = dict[str, Any]
Wallet = dict[str, Any]


def new_wallet() -> Wallet:
    """A wallet that nothing was credited to yet. Amounts are whole rupiah, times UTC microseconds."""
    return {
        **{"status": "active", "credits": {}, "orders": {}},
        **{"credited": 0, "spent": 0, "refunded": 0, "returned": 0, "balance": 0, "purchases": 0, "open_orders": 0},
    }


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _start_of(day: date) -> int:
    return _microseconds(datetime.combine(day, time(), JAKARTA))


_FILE = tomllib.loads(resources.files("dompet.schemas").joinpath("rules.toml").read_text("utf-8"))
PROGRAMME = frozenset(_FILE["programme_publishers"])
RULES: list[dict[str, Any]] = sorted(_FILE["rules"], key=lambda rules: rules["from"])
STARTS = [_start_of(rules["from"]) for rules in RULES]


@cache
def _end_of(year: int, day: str) -> int:
    return _start_of(date.fromisoformat(f"{year}-{day}") + timedelta(days=1)) - 1


@cache
def _year_of(hour: int) -> int:
    """In Jakarta, which is a whole number of hours east; `hour` since 1970."""
    return (EPOCH + timedelta(hours=hour)).astimezone(JAKARTA).year


def _spend_by(day: str, credited_at: int) -> int:
    """The last microsecond of the day (`MM-DD`) in the credit's year, or in the next where that has passed."""
    year = _year_of(credited_at // HOUR_US)
    end = _end_of(year, day)
    return end if credited_at <= end else _end_of(year + 1, day)


def _order_key(event: Event) -> str:
    return f"{event['platform_id']}\n{event['order_id']}"


def apply(wallet: Wallet, kind: str, event: Event) -> str:
    """`accepted` with the effect in the wallet, `duplicate`, or the reason of the rejection."""
    authorised = event["publisher_id"] in PROGRAMME
    if "platform_id" in event:
        authorised = event["publisher_id"] == event["platform_id"]
    if not authorised:
        return "not_authorised"
    amount: int = event["amount"] if "amount" in event else event.get("price", 1)
    if not (1 <= amount <= MAX_AMOUNT and 0 <= event.get("commission", 0) <= amount):
        return "invalid_amount"
    return RULE_OF[kind](wallet, event)


def _credit(wallet: Wallet, event: Event) -> str:
    at, amount, credit_id = event["occurred_at"], event["amount"], event["credit_id"]
    if credit_id in wallet["credits"]:
        return DUPLICATE if wallet["credits"][credit_id] == amount else "reference_conflict"
    if wallet["status"] not in OPEN:
        return "wallet_closed"
    number = wallet["rules"] if wallet["credits"] else sum(start <= at for start in STARTS) - 1
    if number < 0:
        return "no_rules"
    rules = RULES[number]
    if len(wallet["credits"]) == rules["max_credits"]:
        return "already_credited"
    if not wallet["credits"]:
        wallet.update(rules=number, wave=event["wave"], decree=event["decree"])
        wallet["first_purchase_due"] = at + rules["first_purchase_days"] * DAY_US
        wallet["spend_by"] = _spend_by(rules["spend_by"], at)
    wallet["credits"][credit_id] = amount
    wallet["credited"] += amount
    wallet["balance"] += amount
    return ACCEPTED


def _wallet_refusal(wallet: Wallet) -> str:
    if not wallet["credits"]:
        return "unknown_wallet"
    return {"active": "", "suspended": "wallet_suspended"}.get(wallet["status"], "wallet_closed")


def _purchase_refusal(wallet: Wallet, event: Event) -> str:
    if wallet["purchases"] == 0 and event["occurred_at"] > wallet["first_purchase_due"]:
        return "first_purchase_late"
    if event["occurred_at"] > wallet["spend_by"]:
        return "after_spend_by"
    if RULES[wallet["rules"]]["one_open_course"] and wallet["open_orders"] > 0:
        return "previous_course_open"
    return "insufficient_balance" if event["price"] > wallet["balance"] else ""


def _purchase(wallet: Wallet, event: Event) -> str:
    price, commission = event["price"], event["commission"]
    same = wallet["orders"].get(_order_key(event))
    if same is not None:
        fields = ("course_id", "institution_id", "price", "commission")
        return DUPLICATE if all(same[field] == event[field] for field in fields) else "order_conflict"
    refusal = _wallet_refusal(wallet) or _purchase_refusal(wallet, event)
    if refusal:
        return refusal
    above_cap = commission * 10_000 > price * RULES[wallet["rules"]]["commission_cap_bp"]
    wallet["orders"][_order_key(event)] = {
        "course_id": event["course_id"],
        "institution_id": event["institution_id"],
        "price": price,
        "commission": commission,
        "purchased_at": event["occurred_at"],
        "refunded": False,
        "flags": ["commission_above_cap"] if above_cap else [],
    }
    wallet["balance"] -= price
    wallet["spent"] += price
    wallet["purchases"] += 1
    wallet["open_orders"] += 1
    return ACCEPTED


def _refund(wallet: Wallet, event: Event) -> str:
    amount = event["amount"]
    order = wallet["orders"].get(_order_key(event))
    if order is None:
        return "unknown_order"
    if order["refunded"]:
        return DUPLICATE if amount == order["price"] else "refund_conflict"
    if "completed_at" in order:
        return "order_completed"
    if amount != order["price"]:
        return "amount_mismatch"
    order["refunded"] = True
    wallet["refunded"] += amount
    wallet["open_orders"] -= 1
    wallet["balance" if wallet["status"] in OPEN else "returned"] += amount
    return ACCEPTED


def _complete(wallet: Wallet, event: Event) -> str:
    order = wallet["orders"].get(_order_key(event))
    if order is None:
        return "unknown_order"
    if "completed_at" in order:
        return DUPLICATE if order["certificate_id"] == event["certificate_id"] else "completion_conflict"
    if order["refunded"]:
        return "order_refunded"
    elapsed_us = event["occurred_at"] - order["purchased_at"]
    if elapsed_us < 0:
        return "completed_before_purchase"
    order.update({name: event[name] for name in ("certificate_id", "score")}, completed_at=event["occurred_at"])
    rules = RULES[wallet["rules"]]
    # Redemption and attendance are not among the five types: where required, they are missing.
    order["flags"] += ["completed_without_redemption"] * rules["redemption_required"]
    order["flags"] += ["completed_without_attendance"] * rules["attendance_required"]
    order["flags"] += ["completed_too_fast"] * (elapsed_us < rules["min_completion_minutes"] * MINUTE_US)
    wallet["open_orders"] -= 1
    return ACCEPTED


def _revoke(wallet: Wallet, event: Event) -> str:
    at, reason = event["occurred_at"], event["reason"]
    if not wallet["credits"]:
        return "unknown_wallet"
    if wallet["status"] not in OPEN:
        return DUPLICATE
    early = reason == "first_purchase_deadline" and (wallet["purchases"] > 0 or at <= wallet["first_purchase_due"])
    if early or (reason == "spend_by" and at <= wallet["spend_by"]):
        return "not_due"
    if reason not in (*DEADLINES, "ineligible", "sanction"):
        return "invalid_reason"
    wallet["returned"] += wallet["balance"]
    wallet["balance"] = 0
    wallet["status"] = "expired" if reason in DEADLINES else "revoked"
    return ACCEPTED


RULE_OF = {
    "SaldoCredited": _credit,
    "CoursePurchased": _purchase,
    "PurchaseRefunded": _refund,
    "CourseCompleted": _complete,
    "SaldoRevoked": _revoke,
}
