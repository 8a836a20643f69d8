"""An answer as JSON, CSV or Parquet. Amounts are whole numbers, moments ISO 8601 in UTC."""

import io
import json
from datetime import date, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

_FORMULA: Final = "^[=+\\-@\t\r]"


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else value


def as_json(value: Any) -> bytes:
    """Data as JSON; a text that is no UTF-8 has its bytes replaced."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def as_csv(table: pa.Table) -> bytes:
    """A table as CSV, with a line of headings. A text that a spreadsheet would take for a formula begins with `'`."""
    from pyarrow import csv

    columns = [_csv_column(table[name].combine_chunks()) for name in table.column_names]
    sink = io.BytesIO()
    csv.write_csv(pa.table(columns, names=table.column_names), sink)
    return sink.getvalue()


def as_parquet(table: pa.Table) -> bytes:
    """A table as Parquet."""
    from pyarrow import parquet

    sink = io.BytesIO()
    parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _csv_column(column: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column.cast(pa.timestamp("s", "UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_list(column.type):
        return pc.binary_join(column, ",")
    if pa.types.is_string(column.type):
        return pc.replace_substring_regex(column, pattern=f"({_FORMULA})", replacement=r"'\1")
    return column
