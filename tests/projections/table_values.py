"""The words of a table as values: events with their defaults, times, and facts of state."""

import re
from dataclasses import fields
from datetime import datetime
from typing import get_args

from tests.model.contracts import FIELDS
from tests.model.model import SAID_BY_THE_PLATFORM
from tests.model.rules import DAY, JAKARTA, MINUTE, micros
from tests.model.state import Order, Wallet

DEFAULTS = {
    "platform_id": "tokopedia",
    "order_id": "o1",
    "course_id": "k1",
    "institution_id": "i1",
    "price": "1_000_000",
    "commission": "100_000",
    "credit_id": "c1",
    "decree": "SK-1",
    "wave": "1",
    "session": "1",
    "present": "true",
    "certificate_id": "s1",
    "score": "null",
    "rating": "5",
    "officer_id": "officer",
    "note": "-",
    "survey_no": "1",
    "payout_id": "y1",
    "channel": "bank",
    "clawback_id": "w1",
    "repayment_id": "r1",
    "sanction": "suspend",
    "reason": "ineligible",
}
AMOUNTS = {
    "SaldoCredited": "3_000_000",
    "PurchaseRefunded": "1_000_000",
    "IncentivePaid": "600_000",
    "IncentivePayoutFailed": "600_000",
    "IncentiveReversed": "600_000",
    "ClawbackOrdered": "500_000",
    "ClawbackRepaid": "200_000",
}
UNITS = {"d": DAY, "h": 60 * MINUTE, "m": MINUTE, "us": 1}
TIMES = ("first_purchase_due", "spend_by", "purchased_at", "redeemed_at", "completed_at", "reviewed_at")
STATE: dict[type, dict[str, object]] = {
    Wallet: {f.name: f.type for f in fields(Wallet)},
    Order: {f.name: f.type for f in fields(Order)} | {"state": str},
}


class TableError(ValueError):
    """A table says something that cannot be read; the message begins with file and line."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")


def read_event(where: str, words: list[str]) -> dict[str, object]:
    """The event of a line. Raises TableError."""
    if len(words) < 3:
        raise TableError(where, "a line begins with type, beneficiary_id and occurred_at")
    name, beneficiary_id, occurred_at, *rest = words
    if name not in FIELDS:
        raise TableError(where, f"there is no event type `{name}`")
    given = {key: value for key, _, value in (word.partition("=") for word in rest)}
    if unknown := sorted(set(given) - set(FIELDS[name])):
        raise TableError(where, f"{name} has no field `{unknown[0]}`")
    values = DEFAULTS | {"amount": AMOUNTS.get(name, "")} | given
    speaker = values["platform_id"] if name in (*SAID_BY_THE_PLATFORM, "CourseRedeemed") else "programme"
    values = {"publisher_id": speaker, "event_id": where} | values
    event: dict[str, object] = {"type": name}
    for field, avro in FIELDS[name].items():
        if field == "beneficiary_id":
            event[field] = beneficiary_id
        elif field == "occurred_at":
            event[field] = read_time(where, occurred_at)
        else:
            event[field] = values[field] if avro == "string" else read_plain(where, values[field])
    return event


def read_time(where: str, text: str) -> int:
    """Microseconds since 1970-01-01 UTC. Raises TableError."""
    shift = r"[+-]\d+(?:d|h|m|us)"
    match = re.fullmatch(rf"(.+?)((?:{shift})*)", text)
    try:
        moment = datetime.fromisoformat(match[1] if match else text)
    except ValueError:
        raise TableError(where, f"`{text}` is not a time") from None
    shifts = re.findall(shift, match[2] if match else "")
    base = micros(moment if moment.tzinfo else moment.replace(tzinfo=JAKARTA))
    return base + sum(int(re.sub("[a-z]", "", s)) * UNITS[re.sub("[^a-z]", "", s)] for s in shifts)


def read_plain(where: str, text: str) -> int | bool | None:
    """A number (decimal, 0x or 0b, with _), true, false or null. Raises TableError."""
    words = {"true": True, "false": False, "null": None}
    if text in words:
        return words[text]
    try:
        return int(text, 0)
    except ValueError:
        raise TableError(where, f"`{text}` is not a number, true, false or null") from None


def read_state(where: str, owner: type, name: str, text: str) -> tuple[str, object]:
    """A fact of a wallet or an order: its name and value. Raises TableError."""
    if name not in STATE[owner]:
        raise TableError(where, f"the {owner.__name__.lower()} has no `{name}`")
    kind = STATE[owner][name]
    if text == "null":
        return name, None
    if name in TIMES:
        return name, read_time(where, text)
    if name == "flags":
        return name, () if text == "none" else tuple(text.split(","))
    return name, text if str in (kind, *get_args(kind)) else read_plain(where, text)
