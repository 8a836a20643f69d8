"""One person's life in the programme: what is known of the person, and how what happens to them is reported."""

from bisect import bisect_right
from collections.abc import Callable, Collection
from itertools import accumulate
from random import Random
from typing import Any, Final, NamedTuple

from dompet.schemas.catalogue import CourseListed
from dompet.streams.demo.programme.agenda import Agenda, Fields
from dompet.streams.demo.programme.catalogue import Catalogue, Offer
from dompet.streams.demo.programme.proportions import Alternatives, Proportions
from dompet.streams.demo.programme.waves import DAY_US, Wave

PROGRAMME: Final = "programme"
"""Who publishes what no platform says."""

_CONTRADICTED: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "SaldoCredited": ("amount", lambda amount: amount + 1_000),
    "CoursePurchased": ("price", lambda price: price + 1_000),
    "PurchaseRefunded": ("amount", lambda amount: amount + 1_000),
    "AttendanceRecorded": ("present", lambda present: not present),
    "CourseCompleted": ("certificate_id", lambda certificate: certificate + "-B"),
    "CourseReviewed": ("rating", lambda rating: 1 + rating % 5),
    "IncentivePaid": ("amount", lambda amount: amount + 1_000),
    "IncentiveReversed": ("amount", lambda amount: amount + 1_000),
    "ClawbackOrdered": ("amount", lambda amount: amount + 1_000),
    "ClawbackRepaid": ("amount", lambda amount: amount + 1_000),
}
"""Which field differs, and how, where an event of a type is sent again and contradicts what was sent before."""

_NEVER: Final = 1 << 62
"""A moment after all that happens."""


class Order(NamedTuple):
    """A purchase as its platform numbers it; times are microseconds since 1970-01-01 UTC."""

    offer: Offer
    order_id: str
    course: CourseListed
    price: int
    bought_at: int
    reported_at: int = 0
    """When its platform reported it."""


class World:
    """What is the same for all people, and where all that is reported of them goes."""

    def __init__(self, seed: int, proportions: Proportions, listed: Catalogue, types: Collection[str]) -> None:
        p = proportions
        self.types = frozenset(types)
        self.agenda = Agenda()
        self.seed = seed
        self.proportions = p
        self.offers = listed.offers
        self.institutions = [institution.institution_id for institution in listed.institutions]
        self.market = list(accumulate(entry.share for entry in p.market))
        self.purchases = list(accumulate(p.number_of_purchases))
        self.sessions = list(accumulate(p.number_of_sessions))
        self.of_person = Alternatives(p, "person")
        self.of_credit = Alternatives(p, "credit")
        self.of_sale = Alternatives(p, "sale")
        self.of_order = Alternatives(p, "order")
        self.of_redemption = Alternatives(p, "redemption")
        self.of_completion = Alternatives(p, "completion")
        self.of_refund = Alternatives(p, "refund")
        self.of_review = Alternatives(p, "review")
        self.of_reversal = Alternatives(p, "reversal")
        self.of_sanction = Alternatives(p, "sanction")
        self.of_clawback = Alternatives(p, "clawback")
        self.of_sweep = Alternatives(p, "sweep")
        self.of_report = Alternatives(p, "report")
        self.ids_from = Random(f"ids {seed}").getrandbits(48)


class Life:
    """A person, as the phases of a life see and change it; times are microseconds since 1970-01-01 UTC."""

    __slots__ = (
        "_bits",
        "_publish",
        "_types",
        "balance",
        "beneficiary_id",
        "bought",
        "closed_at",
        "closed_for",
        "credited_at",
        "entitled_at",
        "held_at",
        "incentives",
        "person",
        "proportions",
        "random",
        "role",
        "starts_at",
        "suspended_from",
        "suspended_until",
        "wave",
        "world",
    )

    def __init__(self, world: World, person: int, wave: Wave, starts_at: int, rng: Random) -> None:
        self.person = person
        self.wave = wave
        self.starts_at = starts_at
        self.random = rng.random
        self._bits = rng.getrandbits
        self._publish = world.agenda.publish
        self._types = world.types
        self.world = world
        self.proportions = world.proportions
        # An odd factor makes this one-to-one: no two people share a pseudonym, and neighbours' look unlike.
        number = self.person * 0x9E3779B97F4B + world.ids_from & (1 << 48) - 1
        self.beneficiary_id = "b-" + number.to_bytes(6, "big").hex()
        self.role = world.of_person.drawn(rng.random())
        self.balance = self.wave.amount
        self.bought = 0
        self.credited_at = starts_at
        self.suspended_from = self.suspended_until = _NEVER
        self.closed_at: int | None = None
        self.closed_for = ""
        self.held_at: int | None = None
        self.entitled_at: int | None = None
        self.incentives = 0

    def happens(self, type_name: str, share: float) -> bool:
        """True in so many of all cases where events of the type are wanted at all, else false."""
        return type_name in self._types and self.random() < share

    def is_suspended(self, at: int) -> bool:
        """Whether a sanction holds at a moment, from which the person is reinstated or revoked later."""
        return self.suspended_from <= at < self.suspended_until

    def is_closed(self, at: int) -> bool:
        """Whether the person is revoked or blacklisted by then."""
        return self.closed_at is not None and at > self.closed_at

    def chance(self, share: float) -> bool:
        """True in so many of all cases."""
        return self.random() < share

    def pick(self, ends: list[float]) -> int:
        """The place of one of several shares, which are given added up; as likely as its share of the whole."""
        return bisect_right(ends, self.random() * ends[-1], hi=len(ends) - 1)

    def days(self, least: float, most: float) -> int:
        """A duration between so many days, in microseconds."""
        return int((least + (most - least) * self.random()) * DAY_US)

    def digits(self, size: int) -> str:
        """So many bytes in hex, such as ids hold."""
        return self._bits(8 * size).to_bytes(size, "big").hex()

    def number(self) -> int:
        """A number from 0 to 2^32 - 1, such as platforms give their orders."""
        return self._bits(32)

    def say(self, type_name: str, at: int, publisher_id: str, own: Fields, dated: int | None = None) -> int:
        """Report that something happened at `at`; a wrong clock dates it otherwise. Some reports go wrong.

        `own` becomes the event's fields: it must not be used again. Gives back when the report is published.
        """
        if type_name not in self._types:
            return at
        own["event_id"] = self.digits(12)
        own["beneficiary_id"] = self.beneficiary_id
        own["occurred_at"] = at if dated is None else dated
        own["publisher_id"] = publisher_id
        draw = self.random()
        if draw < self.world.of_report.whole:
            at = self._disturb(self.world.of_report.drawn(draw), type_name, at, own)
        self._publish(at, type_name, own)
        return at

    def _disturb(self, mishap: str, type_name: str, at: int, fields: Fields) -> int:
        """Publish what goes wrong around a report; when the report itself is published, then."""
        if mishap == "resent":
            self._publish(at + self.days(0.001, 3), type_name, fields)
        elif mishap == "contradicted" and type_name in _CONTRADICTED:
            field, other = _CONTRADICTED[type_name]
            self._publish(at + self.days(0.001, 3), type_name, self._another(fields, field, other(fields[field])))
        elif mishap == "wrong_publisher":
            institutions = self.world.institutions
            someone = institutions[int(self.random() * len(institutions))]
            self._publish(at, type_name, self._another(fields, "publisher_id", someone))
        elif mishap == "reported_late":
            return at + self.days(0.05, 30 * self.random())
        return at

    def _another(self, fields: Fields, field: str, value: str | int) -> Fields:
        return {**fields, "event_id": self.digits(12), field: value}
