"""The catalogue's tables: their columns, declared once.

A row is a record of the topic: an id and from when the listing holds. Times are UTC microseconds (`_us`), days
count from 1970-01-01, prices are whole rupiah. The migration that makes the tables is checked against this file by a
test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dompet.projections.columns import Column, Kind, Meaning


def _day(name: str, doc: str) -> Column:
    return Column(name, Kind.NULLABLE, doc, Meaning.DAYS, absent=True)


VALID: Final = (
    Column("valid_from_us", Kind.INT64, "From when the listing holds.", Meaning.MOMENT),
    Column("valid_to_us", Kind.INT64, "Until when the listing holds, exclusive.", Meaning.MOMENT, absent=True),
)
PLACE: Final = (
    Column("version", Kind.INT64, "The record's offset on the topic: the last one counts."),
    Column("deleted", Kind.UINT8, "Whether that record takes the listing back.", Meaning.YES_NO),
)


@dataclass(frozen=True)
class Table:
    """A table of listings: its name, and its columns in order, the listing's id first."""

    name: str
    columns: tuple[Column, ...]


TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "PlatformListed": Table(
            "platform_rows",
            (
                Column("platform_id", Kind.STRING, "The platform."),
                *VALID,
                Column("name", Kind.STRING, "Its public name."),
                Column("operator", Kind.CATEGORY, "government or private."),
                _day("mou_signed_on_days", "The day on which the memorandum of understanding was signed."),
                _day("pks_signed_on_days", "The day on which the full agreement was signed."),
                Column("criteria", Kind.STRING, "Criteria found met, by name, separated by commas."),
                Column("status", Kind.CATEGORY, "candidate, active, suspended or ended."),
                *PLACE,
            ),
        ),
        "InstitutionListed": Table(
            "institution_rows",
            (
                Column("institution_id", Kind.STRING, "The institution."),
                *VALID,
                Column("name", Kind.STRING, "Its public name."),
                Column("owner_platform_id", Kind.STRING, "The platform that owns it.", absent=True),
                *PLACE,
            ),
        ),
        "CourseListed": Table(
            "course_rows",
            (
                Column("course_id", Kind.STRING, "The course."),
                *VALID,
                Column("institution_id", Kind.STRING, "Who gives it."),
                Column("title", Kind.STRING, "Its public title."),
                Column("category", Kind.CATEGORY, "Its category."),
                Column("price", Kind.INT64, "Its price.", Meaning.RUPIAH),
                Column("minutes", Kind.INT64, "Its length. In minutes."),
                Column("outside_price", Kind.NULLABLE, "Its price outside the programme.", Meaning.RUPIAH, absent=True),
                Column("free_elsewhere", Kind.UINT8, "Whether it is free somewhere else.", Meaning.YES_NO),
                *PLACE,
            ),
        ),
    }
)
"""By the name of the record's type."""
