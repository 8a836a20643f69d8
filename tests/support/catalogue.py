"""Listings for tests: each with what its test is not about already said."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pyarrow as pa

from dompet.schemas.catalogue import CourseListed, InstitutionListed, Listing, PlatformListed
from dompet.streams.catalogue.rows import catalogue_tables
from dompet.streams.catalogue.topic import CatalogueRecord, ListingKey

DAY_US = 86_400_000_000
START_US = 1_585_699_200_000_000
"""2020-04-01T00:00:00Z."""

_PLATFORM = PlatformListed(
    platform_id="warung",
    name="Warung Ilmu",
    operator="private",
    mou_signed_on=None,
    pks_signed_on=None,
    criteria="",
    status="active",
    valid_from=START_US,
    valid_to=None,
)
_INSTITUTION = InstitutionListed(
    institution_id="lembaga", name="LPK Bina Karya", owner_platform_id=None, valid_from=START_US, valid_to=None
)
_COURSE = CourseListed(
    course_id="kursus",
    institution_id="lembaga",
    title="Barista dari Nol",
    category="Makanan",
    price=200_000,
    minutes=600,
    outside_price=None,
    free_elsewhere=False,
    valid_from=START_US,
    valid_to=None,
)


def platform(**more: Any) -> PlatformListed:
    """The platform `warung`, active from the start, with these fields otherwise."""
    return replace(_PLATFORM, **more)


def institution(**more: Any) -> InstitutionListed:
    """The institution `lembaga`, owned by nobody, the same way."""
    return replace(_INSTITUTION, **more)


def course(**more: Any) -> CourseListed:
    """The course `kursus` for Rp 200.000, the same way."""
    return replace(_COURSE, **more)


def rows_of_listings(listings: Iterable[Listing]) -> dict[str, pa.Table]:
    """Listings as the rows that the catalogue's feed makes of them, by the name of their table."""
    records = [CatalogueRecord(at, ListingKey.of(one), one) for at, one in enumerate(listings)]
    return catalogue_tables(records)
