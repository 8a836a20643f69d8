"""The catalogue's tables in the warehouse: their columns, declared once, and records of the topic as their rows.

A row stands for a record: an id and from when the listing holds. Times are UTC microseconds (`_us`), days count from
1970-01-01, prices are whole rupiah. The migration that makes the tables is checked against this file by a test.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

import pyarrow as pa

from dompet.projections.columns import Column, Kind
from dompet.schemas.catalogue import Listing
from dompet.streams.catalogue.topic import CatalogueRecord

VALID: Final = (
    Column("valid_from_us", Kind.INT64, "From when the listing holds."),
    Column("valid_to_us", Kind.INT64, "Until when (exclusive); 0 while it holds."),
)
PLACE: Final = (
    Column("version", Kind.INT64, "The record's offset on the topic: the last one said wins."),
    Column("deleted", Kind.UINT8, "Whether that one takes the listing back."),
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
                Column("mou_signed_on_days", Kind.NULLABLE, "When the memorandum of understanding was signed."),
                Column("pks_signed_on_days", Kind.NULLABLE, "When the full agreement was signed."),
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
                Column("owner_platform_id", Kind.STRING, "The platform that owns it; empty where none does."),
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
                Column("price", Kind.INT64, "Whole rupiah."),
                Column("minutes", Kind.INT64, "Its length."),
                Column("outside_price", Kind.NULLABLE, "Whole rupiah outside the programme, where it is sold there."),
                Column("free_elsewhere", Kind.UINT8, "Whether it is free somewhere else."),
                *PLACE,
            ),
        ),
    }
)
"""By the name of the record's type."""

_ARROW: Final = {
    Kind.INT64: pa.int64(),
    Kind.UINT8: pa.uint8(),
    Kind.NULLABLE: pa.int64(),
    Kind.STRING: pa.string(),
    Kind.CATEGORY: pa.string(),
}
_ABSENT: Final = {Kind.STRING: "", Kind.CATEGORY: "", Kind.NULLABLE: None}
_EPOCH: Final = date(1970, 1, 1)


def catalogue_tables(records: Iterable[CatalogueRecord]) -> dict[str, pa.Table]:
    """The records as rows to insert, by the name of their table; of each key only the last one."""
    newest = {record.key: record for record in records}
    tables = {}
    for type_name, table in TABLES.items():
        rows = [_row(table, record) for record in newest.values() if record.key.type_name == type_name]
        if rows:
            tables[table.name] = _arrow(table.columns, rows)
    return tables


def _row(table: Table, record: CatalogueRecord) -> list[Any]:
    own = {table.columns[0].name: record.key.listed_id, "valid_from_us": record.key.valid_from_us}
    own |= {"version": record.offset, "deleted": int(record.listing is None)}
    return [own.get(column.name, _said(record.listing, column)) for column in table.columns]


def _said(listing: Listing | None, column: Column) -> Any:
    """What the listing says in a column; the column's default where it says nothing."""
    name = column.name.removesuffix("_us").removesuffix("_days")
    value = getattr(listing, name, None)
    if isinstance(value, date):
        return (value - _EPOCH).days
    return _ABSENT.get(column.kind, 0) if value is None else value


def _arrow(columns: Sequence[Column], rows: list[list[Any]]) -> pa.Table:
    arrays = {
        column.name: pa.array([int(v) if isinstance(v, bool) else v for v in values], _ARROW[column.kind])
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    }
    return pa.table(arrays)
