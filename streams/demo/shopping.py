"""How a person chooses and buys a course, and what a platform reports of it."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from dompet.streams.demo.catalogue import Offer
from dompet.streams.demo.life import Life, Order
from dompet.streams.demo.waves import DAY_US

_BULK_ORDERS: Final = 9
"""So many order numbers of each platform are worn out by bulk sales."""


def buys(life: Life, at: int) -> Order | None:
    """Buy some course that the balance pays for, perhaps after a try that must fail; None where no course is so cheap.

    Whether the purchase is accepted, and so the balance, is the caller's business.
    """
    p = life.proportions
    offer = life.world.offers[life.pick(life.world.market)]
    affordable = bisect_right(offer.prices, life.balance)
    if not affordable:
        return None
    order_id = _order_id(life, offer, at)
    dearer = len(offer.courses) - affordable
    if dearer and life.chance(p.beyond_balance):
        dear = offer.courses[affordable + int(life.random() * dearer)]
        _sells(life, Order(offer, order_id, dear, dear.price, at))
        at += life.days(0.001, 0.05)
    # The dearer of two draws: people like to use the saldo up.
    course = offer.courses[int(max(life.random(), life.random()) * affordable)]
    if life.chance(p.no_price):
        _sells(life, Order(offer, order_id, course, 0, at))
        at += life.days(0.001, 0.05)
    price = course.price
    if life.chance(p.above_list_price):
        price = min(price * 11 // 10, life.balance)
    order = Order(offer, order_id, course, price, at)
    _sells(life, order)
    return order


def _sells(life: Life, order: Order) -> None:
    """The platform reports the sale, and what it keeps of the price."""
    rate_bp = order.offer.commission_bp
    if life.chance(life.proportions.above_commission_cap):
        rate_bp = life.wave.commission_cap_bp + 100 + int(900 * life.random())
    own = {
        "platform_id": order.offer.platform_id,
        "order_id": order.order_id,
        "course_id": order.course.course_id,
        "institution_id": order.course.institution_id,
        "price": order.price,
        "commission": order.price * rate_bp // 10_000,
    }
    life.say("CoursePurchased", order.bought_at, order.offer.platform_id, own)


def _order_id(life: Life, offer: Offer, at: int) -> str:
    if life.chance(life.proportions.bulk_order):
        return f"BULK-{life.number() % _BULK_ORDERS + 1}"
    return offer.order_style.format(day=_day(at // DAY_US), number=life.number())


@lru_cache(maxsize=10_000)
def _day(day: int) -> str:
    """A day since 1970-01-01 UTC, as platforms write it into their order numbers."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%y%m%d")
