"""Columns of Arrow as a table of ClickHouse's takes them: a server names the types, and an old one converts nothing."""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

_PLAIN: Final = {
    "UInt8": pa.uint8(),
    "UInt64": pa.uint64(),
    "Int32": pa.int32(),
    "Int64": pa.int64(),
    "String": pa.binary(),
}
_NULLABLE: Final = {f"Nullable({kind})": type_ for kind, type_ in _PLAIN.items()}
_FEW_TEXTS: Final = "LowCardinality(String)"


def fitted(rows: pa.Table, kinds: Mapping[str, str]) -> pa.Table:
    """The columns that `kinds` names, in its order, each as that type of ClickHouse is written.

    TypeError, with a sentence about the column, for a type that no table of dompet's has, a value that the type has
    not, and for no value where it must have one.
    """
    return pa.table({name: _fitted(name, rows[name], kind) for name, kind in kinds.items()})


def _fitted(name: str, column: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    type_ = _PLAIN.get(kind) or _NULLABLE.get(kind)
    if type_ is None and kind != _FEW_TEXTS:
        raise TypeError(f"column {name} is of type {kind}, which dompet does not write")
    if column.null_count and kind not in _NULLABLE:
        raise TypeError(f"column {name} is of type {kind}, which has no place for what is missing")
    try:
        return _as(column, type_)
    except pa.ArrowException as error:
        raise TypeError(f"column {name} is of type {kind}: {error}") from None


def _as(column: pa.ChunkedArray, type_: pa.DataType | None) -> pa.ChunkedArray:
    """As a plain type, or else as a dictionary of texts."""
    if type_ is None:
        return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    texts = type_ == pa.binary() and pa.types.is_string(column.type)  # they lie in memory as bytes do
    return column if texts else column.cast(type_)
