"""People who buy one course each; and what is to be settled, by the model."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from dompet.streams.settlement.lines import NUMBERS
from tests.model import Model, Rulebook
from tests.model.events import Event

Sums = dict[str, int]
Key = tuple[str, str, str]
"""Day, platform, institution."""


def by_the_model(events: Iterable[Event]) -> dict[Key, Sums]:
    """What is to be settled, by the specification: a refund counts on its own day, with its order's commission."""
    model, found = Model(Rulebook.load()), dict[Key, Counter[str]]()
    for event in events:
        if model.apply(event).outcome != "accepted" or event["type"] not in ("CoursePurchased", "PurchaseRefunded"):
            continue
        order = model.orders[event["beneficiary_id"], event["platform_id"], event["order_id"]]
        day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=7, microseconds=event["occurred_at"])).date()
        line = found.setdefault((str(day), event["platform_id"], order.institution_id), Counter())
        if event["type"] == "CoursePurchased":
            line.update(sales=1, sold=order.price, commission=order.commission)
        else:
            line.update(refunds=1, refunded=order.price, commission_returned=order.commission)
    for line in found.values():
        net = line["sold"] - line["commission"] - (line["refunded"] - line["commission_returned"])
        line["net_to_institution"] = net
    return {key: {name: line[name] for name in NUMBERS} for key, line in found.items()}


def person(number: int, day: str, price: int = 100_000) -> list[Event]:
    """Somebody's credit and purchase, on the day at noon in UTC."""
    shared = {"beneficiary_id": f"b-{number}", "event_id": f"e-{number}"}
    credit = {"credit_id": "c", "decree": "d", "wave": 1, "amount": 1_000_000, "publisher_id": "programme"}
    return [
        {**shared, "type": "SaldoCredited", "occurred_at": noon(day), **credit},
        {**shared, "type": "CoursePurchased", "occurred_at": noon(day), **order(number), "course_id": "k",
         "price": price, "institution_id": "i", "commission": price // 10},
    ]  # fmt: skip


def refund(number: int, day: str, price: int = 100_000) -> Event:
    reported = {"beneficiary_id": f"b-{number}", "event_id": f"r-{number}", "reason": "", "amount": price}
    return {**reported, "type": "PurchaseRefunded", "occurred_at": noon(day), **order(number)}


def order(number: int) -> Event:
    return {"publisher_id": "toko", "platform_id": "toko", "order_id": f"o-{number}"}


def noon(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()) * 1_000_000
