"""How a person chooses and buys a course, and what a platform reports of it."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from dompet.streams.demo.programme.life import Life, Order
from dompet.streams.demo.programme.waves import DAY_US

_BULK_ORDERS: Final = 9
"""So many order numbers of each platform are worn out by bulk sales."""


def buys(life: Life, at: int) -> Order | None:
    """Buy some course that the balance pays for, perhaps after a try that must fail; None where no course is so cheap.

    Whether the purchase is accepted, and so the balance, is the caller's business.
    """
    offer = life.world.offers[life.pick(life.world.market)]
    affordable = bisect_right(offer.prices, life.balance)
    if not affordable:
        return None
    # The dearer of two draws: people like to use the saldo up.
    course = offer.courses[int(max(life.random(), life.random()) * affordable)]
    mishap = life.world.of_sale.drawn(life.random())
    number = life.number()
    order = Order(offer, offer.order_style % (_day(at // DAY_US), number), course, course.price, at)
    rate_bp = offer.commission_bp
    if mishap == "bulk_order":
        order = order._replace(order_id=f"BULK-{number % _BULK_ORDERS + 1}")
    elif mishap == "above_list_price":
        order = order._replace(price=min(course.price * 11 // 10, life.balance))
    elif mishap == "above_commission_cap":
        rate_bp = life.wave.commission_cap_bp + 100 + int(900 * life.random())
    elif mishap:
        order = _fails_to_buy(life, order, mishap, affordable)
    return order._replace(reported_at=_sells(life, order, rate_bp))


def _fails_to_buy(life: Life, order: Order, mishap: str, affordable: int) -> Order:
    """Try the order in a way that must fail; the same order, some minutes later."""
    courses = order.offer.courses
    dearer = len(courses) - affordable
    if mishap == "no_price":
        _sells(life, order._replace(price=0), 0)
    elif mishap == "beyond_balance" and dearer:
        dear = courses[affordable + int(life.random() * dearer)]
        _sells(life, order._replace(course=dear, price=dear.price), order.offer.commission_bp)
    return order._replace(bought_at=order.bought_at + life.days(0.001, 0.05))


def _sells(life: Life, order: Order, rate_bp: int) -> int:
    """The platform reports the sale, and what it keeps of the price, in hundredths of a percent; when it does so."""
    offer, order_id, course, price, at, _ = order
    own = {
        "platform_id": offer.platform_id,
        "order_id": order_id,
        "course_id": course.course_id,
        "institution_id": course.institution_id,
        "price": price,
        "commission": price * rate_bp // 10_000,
    }
    return life.say("CoursePurchased", at, offer.platform_id, own)


@lru_cache(maxsize=10_000)
def _day(day: int) -> str:
    """A day since 1970-01-01 UTC, as platforms write it into their order numbers."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%y%m%d")
