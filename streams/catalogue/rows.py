"""Records of the catalogue's topic as rows of its tables in the warehouse: an id and from when the listing holds."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

import pyarrow as pa

from dompet.projections.columns import Column, Kind
from dompet.schemas.catalogue import Listing
from dompet.streams.catalogue.topic import CatalogueRecord
from dompet.streams.warehouse.catalogue_tables import TABLES, Table

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
    return [own.get(column.name, _value(record.listing, column)) for column in table.columns]


def _value(listing: Listing | None, column: Column) -> Any:
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
