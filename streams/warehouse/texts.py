"""Texts in a warehouse's answers: one gives bytes, another strings. They are decoded here, and only here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class Reader(Protocol):
    """As much of a warehouse as is asked here."""

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> "pa.Table":
        """The result of a query."""


def text_rows(warehouse: Reader, sql: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The rows of a query of which every text is UTF-8, by column name, texts as strings."""
    rows: list[dict[str, Any]] = with_texts(warehouse.read(sql, params)).to_pylist()
    return rows


def with_texts(table: "pa.Table") -> "pa.Table":
    """The same with every text as a string, whichever way the warehouse gave it; ArrowInvalid for one not in UTF-8."""
    import pyarrow as pa

    for at, field in enumerate(table.schema):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_binary(kind) or pa.types.is_dictionary(field.type) or pa.types.is_large_string(kind):
            table = table.set_column(at, field.name, table.column(at).cast(kind).cast(pa.string()))
    return table


def with_bytes(table: "pa.Table") -> "pa.Table":
    """The same with every text as bytes: what need not be UTF-8, such as dead letters."""
    import pyarrow as pa

    return pa.table({name: _bytes(table[name]) for name in table.column_names})


def _bytes(column: "pa.ChunkedArray") -> "pa.ChunkedArray":
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _bytes(column.cast(kind.value_type))
    texts = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_large_binary(kind)
    return column.cast(pa.binary()) if texts else column
