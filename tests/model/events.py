"""Hypothesis strategies for histories: lists of events that repeat, contradict and cross each other often.

A history riffles the lives of a few people, each a sensible chain of events with small accidents, and throws strays
in: events with any field from a small pool. Everything stays inside what the contract lets through (times from 2000
up to 2100, ids, free text); the numbers need not.

One seed decides all of a history, and Hypothesis then drops events: that is how it shrinks. A choice of Hypothesis for
every field would be ten times slower and would seldom give a long accepted chain.
"""

from collections.abc import Collection
from datetime import date
from functools import cache
from itertools import cycle
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.model.contracts import EVENT_TYPES, FIELDS
from tests.model.lives import CHAPTERS, CREDIT, ENDINGS
from tests.model.model import SAID_BY_THE_PLATFORM
from tests.model.rules import DAY, MINUTE, end_of, start_of

Event = dict[str, Any]

INT64 = (-(2**63), 2**63 - 1)
FIRST, LAST = start_of(date(2000, 1, 1)) + 7 * 60 * MINUTE, start_of(date(2100, 1, 1)) + 7 * 60 * MINUTE - 1

PEOPLE = ("p", "p1", "é")
REFERENCES = ("r1", "r2", "r3")  # one pool for credits, payouts, clawbacks and repayments: kinds must not mix
PLATFORMS = ("a", "a1")  # "a" with "11" and "a1" with "1" read the same when joined
ORDERS = ("1", "11", "o")

STARTS = (
    *(start_of(date(2020, 5, 1)), start_of(date(2023, 3, 1))) * 4,
    start_of(date(2020, 4, 1)),
    end_of(date(2020, 12, 15)),
    end_of(date(2020, 12, 31)),
    start_of(date(2023, 1, 1)),
    end_of(date(2023, 12, 15)),
)
JITTER = (0, 1, -1)
GAPS = (*(DAY,) * 8, 0, 1, -1, 60 * MINUTE, 60 * MINUTE - 1, 900 * MINUTE, 900 * MINUTE - 1, 15 * DAY, 30 * DAY)
"""From one event of a life to the next: mostly a day, often exactly what a rule counts."""


@cache
def moments(start: int) -> tuple[int, ...]:
    """The moments that decide something for a wallet first credited at the start, and a microsecond either side."""
    lengths = (0, 60 * MINUTE, 900 * MINUTE, 15 * DAY, 30 * DAY)
    ends = [end_of(date(year, 12, 15)) for year in (2020, 2021, 2023, 2024)]
    around = [start + length for length in lengths] + [end for end in ends if end >= start]
    return tuple(moment + jitter for moment in around for jitter in JITTER)


TIMES = (*(moment for start in STARTS for moment in moments(start)), FIRST, LAST)
AMOUNTS = (600_000, 1_000_000, 3_550_000, 1, 50_000, 200_000, 10**12, 10**12 + 1, 0, -1, *INT64)

POOLS: dict[str, tuple[object, ...]] = {
    "event_id": tuple(f"e{n}" for n in range(9)),
    "beneficiary_id": PEOPLE,
    "occurred_at": TIMES,
    "publisher_id": ("programme", "dompet", *PLATFORMS, "i", "stranger"),
    "credit_id": REFERENCES,
    "decree": ("SK-1", ""),
    "wave": (1, 2, *INT64),
    "amount": AMOUNTS,
    "platform_id": PLATFORMS,
    "order_id": ORDERS,
    "course_id": ("k", "k2"),
    "institution_id": ("i", "i2", "a"),
    "price": AMOUNTS,
    "commission": (0, 150_000, 150_001, 1, 10**6, 10**6 + 1, 15 * 10**10, 15 * 10**10 + 1, 10**12, -1, *INT64),
    "session": (1, 2, 60, 0, 61, 64, 65, *INT64),
    "present": (True, False),
    "certificate_id": ("s1", "s2"),
    "score": (None, 0, 100, *INT64),
    "rating": (5, 1, 0, 6, 2, 3, 4, *INT64),
    "officer_id": ("officer",),
    "note": ("",),
    "survey_no": (1, 2, 3, 0, 4, 64, 65, *INT64),
    "payout_id": REFERENCES,
    "channel": ("bank",),
    "reason": ("ineligible", "spend_by", "first_purchase_deadline", "sanction", "hunch", ""),
    "sanction": ("suspend", "reinstate", "blacklist", "expel"),
    "clawback_id": REFERENCES,
    "repayment_id": REFERENCES,
}


def authorised(event: Event) -> Event:
    """The event, said by one who may say it."""
    platform_says = event["type"] in (*SAID_BY_THE_PLATFORM, "CourseRedeemed")
    return event | {"publisher_id": event["platform_id"] if platform_says else "programme"}


def stray(rng: Random, types: Collection[str]) -> Event:
    """One event with every field from the pools; half of them are said by one who may say it."""
    name = rng.choice(sorted(types))
    event = {"type": name} | {field: rng.choice(POOLS[field]) for field in FIELDS[name]}
    return rng.choice((event, authorised(event)))


def others(event: Event, field: str, start: int) -> tuple[object, ...]:
    """Other values for a field of the event: of a number or a time the neighbours too, and what a wallet counts."""
    value, pool = event[field], POOLS[field]
    if field == "occurred_at":
        near = [value + gap for gap in (1, -1, DAY, -DAY, 30 * DAY, -30 * DAY)]
        pool = (*near, *near, *near, *moments(start))
    if field in ("amount", "price", "commission"):
        pool = (value + 1, value - 1, *pool)
    return tuple(other for other in pool if other != value) or (value,)


def twisted(rng: Random, event: Event, start: int) -> Event:
    """The event with one field changed, most likely one of its own."""
    event_id, beneficiary_id, occurred_at, publisher_id, *own = FIELDS[event["type"]]
    field = rng.choice((*own, *own, *own, occurred_at, occurred_at, publisher_id, beneficiary_id, event_id))
    other = event | {field: rng.choice(others(event, field, start))}
    return authorised(other) if field == "platform_id" else other


def life(rng: Random, types: Collection[str]) -> list[Event]:
    """One person's life in the programme, in its order, with small accidents."""
    start = rng.choice(STARTS) + rng.choice(JITTER)
    person, platform, now = rng.choice(PEOPLE), rng.choice(PLATFORMS), start
    events: list[Event] = []
    chapters = [CREDIT, *rng.choices(CHAPTERS, k=rng.randint(1, 6)), *rng.choices(ENDINGS, k=rng.randint(0, 2))]
    chapters += rng.choices(CHAPTERS, k=rng.randint(0, 2))  # what comes after an ending
    for name, own in (step for chapter in chapters for step in chapter if step[0] in types):
        plain = {field: POOLS[field][0] for field in FIELDS[name]}
        chosen = {field: rng.choice(value) if isinstance(value, tuple) else value for field, value in own.items()}
        about = {"type": name, "event_id": f"e{len(events)}", "beneficiary_id": person, "occurred_at": now}
        event = authorised(plain | chosen | about | ({"platform_id": platform} if "platform_id" in plain else {}))
        if name == "SaldoRevoked":
            event["occurred_at"] = rng.choice(moments(start))
        events += rng.choice((*([event],) * 9, [twisted(rng, event, start)], [event, twisted(rng, event, start)]))
        now += rng.choice(GAPS)
    return events


def history(rng: Random, types: Collection[str] = EVENT_TYPES, *, max_lives: int = 4) -> list[Event]:
    """Events of these types only, as they might are in one partition of the log."""
    events: list[Event] = []
    waiting = [life(rng, types) for _ in range(rng.randint(1, max_lives))]
    while waiting := [rest for rest in waiting if rest]:
        events.append(rng.choice(waiting).pop(0))
    for _ in range(rng.randint(0, 8)):
        events.insert(rng.randint(0, len(events)), stray(rng, types))
    for _ in range(rng.randint(0, 4) if events else 0):
        late = events.pop(rng.randrange(len(events)))
        events.insert(rng.randint(0, len(events)), late)
    return events


@st.composite
def histories(draw: st.DrawFn, types: Collection[str] = EVENT_TYPES, *, max_lives: int = 4) -> list[Event]:
    """Histories of these types only, of none to about two hundred events, some of them missing."""
    events = history(Random(draw(st.integers(0, 2**64 - 1))), types, max_lives=max_lives)
    fates = draw(st.binary(min_size=256, max_size=256))  # one choice, so that Hypothesis does not mutate it piecemeal
    return [event for event, fate in zip(events, cycle(fates)) if fate >= 16]
