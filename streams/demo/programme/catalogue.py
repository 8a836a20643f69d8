"""The catalogue of the demonstration programme: eight platforms, 200 institutions, 1,700 courses.

The platforms' names and agreements are those of 2020. Institutions, courses and prices are invented, and so is which
platform owns or sells what. One seed gives one catalogue.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import as_file, files
from random import Random
from typing import Final

from dompet.schemas.catalogue import CourseListed, InstitutionListed, Listing, PlatformListed
from dompet.schemas.errors import DompetError
from dompet.schemas.jakarta import day_start_us
from dompet.streams.catalogue.files import read_listings
from dompet.streams.demo.programme.proportions import Proportions
from dompet.streams.demo.programme.titles import CATEGORIES, course_title, institution_name, pick

INSTITUTIONS: Final = 200
COURSES: Final = 1_700
OWNERS: Final = ("ruangguru", "maubelajarapa", "pintaria", "sekolahmu", "pijarmahir")
"""The platforms that own institutions: five of the eight."""
DEAR: Final = 1_000_000
"""Whole rupiah: the training part of the aid of 2020, beyond which a course is dear."""

_LISTED_FROM: Final = day_start_us(date(2020, 3, 20))
"""When the platforms signed: institutions and courses are listed from then on, too."""
_ORDER_STYLES: Final = {
    "tokopedia": "INV/%s/PRK/%d",
    "ruangguru": "RG-%s-%08X",
    "maubelajarapa": "MBA%s%d",
    "bukalapak": "BL%s%d",
    "pintaria": "PNT-%s-%x",
    "sekolahmu": "SM/%s/%x",
    "kemnaker": "SISNAKER.%s.%d",
    "pijarmahir": "PM-%s-%d",
}
"""The style of each platform's order numbers: the day, and a number."""


@dataclass(frozen=True)
class Offer:
    """What one platform sells, from the cheapest course to the dearest, and how it numbers its orders."""

    platform_id: str
    commission_bp: int
    order_style: str
    courses: tuple[CourseListed, ...]
    prices: tuple[int, ...]


@dataclass(frozen=True)
class Catalogue:
    """All that is listed; `offers` has a platform for each entry of the proportions' market, in its order."""

    platforms: tuple[PlatformListed, ...]
    institutions: tuple[InstitutionListed, ...]
    courses: tuple[CourseListed, ...]
    offers: tuple[Offer, ...]

    def records(self) -> Iterator[Listing]:
        """All records, platforms first: what is published to the catalogue topic."""
        yield from self.platforms
        yield from self.institutions
        yield from self.courses


def catalogue(seed: int, proportions: Proportions) -> Catalogue:
    """The catalogue of a seed, whatever the number of people; DompetError where the market has an unknown platform."""
    for entry in proportions.market:
        if entry.platform_id not in _ORDER_STYLES:
            known = ", ".join(_ORDER_STYLES)
            raise DompetError(f"proportions: market names the platform {entry.platform_id}; it must be one of {known}")
    rng = Random(f"catalogue {seed}")
    institutions = tuple(_institution(number, rng, proportions) for number in range(1, INSTITUTIONS + 1))
    courses = tuple(_course(number, rng, proportions) for number in range(1, COURSES + 1))
    return Catalogue(
        platforms=_platforms(),
        institutions=institutions,
        courses=courses,
        offers=_offers(rng, institutions, courses, proportions),
    )


def _platforms() -> tuple[PlatformListed, ...]:
    """The eight platforms of the example that dompet ships."""
    with as_file(files("dompet.schemas") / "catalogue.toml") as example:
        return tuple(one for one in read_listings(example) if isinstance(one, PlatformListed))


def _institution(number: int, rng: Random, proportions: Proportions) -> InstitutionListed:
    owned_before, owned = (int(n * proportions.owned_institutions) for n in (number - 1, number))
    return InstitutionListed(
        institution_id=f"lembaga-{number:03d}",
        name=institution_name(rng),
        owner_platform_id=OWNERS[owned % len(OWNERS)] if owned > owned_before else None,
        valid_from=_LISTED_FROM,
        valid_to=None,
    )


def _course(number: int, rng: Random, proportions: Proportions) -> CourseListed:
    category = pick(rng, CATEGORIES)
    price = _price(rng, proportions)
    cheaper_outside = rng.random() < proportions.cheaper_outside
    return CourseListed(
        course_id=f"kursus-{number:04d}",
        institution_id=f"lembaga-{1 + int(rng.random() * INSTITUTIONS):03d}",
        title=course_title(rng, category),
        category=category,
        price=price,
        minutes=30 * (4 + int(rng.random() * 77)),
        outside_price=price * (6 + int(rng.random() * 4)) // 10 if cheaper_outside else None,
        free_elsewhere=rng.random() < proportions.free_elsewhere,
        valid_from=_LISTED_FROM,
        valid_to=None,
    )


def _price(rng: Random, proportions: Proportions) -> int:
    """Whole thousands; most courses cost little, as the square of an even draw does."""
    middle = min(max(DEAR, proportions.price_min), proportions.price_max)
    dear = rng.random() < proportions.dear_courses
    low, high = (middle, proportions.price_max) if dear else (proportions.price_min, middle)
    draw = rng.random()
    return (low + int((high - low) * draw * draw)) // 1_000 * 1_000


def _offers(
    rng: Random,
    institutions: tuple[InstitutionListed, ...],
    courses: tuple[CourseListed, ...],
    proportions: Proportions,
) -> tuple[Offer, ...]:
    """An institution sells on its owner's platform, or, owned by none, on two or three of the market's."""
    market = proportions.market
    sold_on = {}
    for institution in institutions:
        some = {market[int(rng.random() * len(market))].platform_id for _ in range(3)}
        sold_on[institution.institution_id] = {institution.owner_platform_id} if institution.owner_platform_id else some
    by_price = sorted(courses, key=lambda course: (course.price, course.course_id))
    offers = []
    for entry in market:
        sold = tuple(course for course in by_price if entry.platform_id in sold_on[course.institution_id])
        style = _ORDER_STYLES[entry.platform_id]
        offers.append(Offer(entry.platform_id, entry.commission_bp, style, sold, tuple(c.price for c in sold)))
    return tuple(offers)
