"""Columns of ClickHouse's native format as Arrow's: they are made of the bytes that come, without an object a value.

Types that are not here, of which an answer has few, are the driver's to read.
"""

import re
from typing import Any, Final

import numpy as np
import pyarrow as pa

from dompet.schemas.arrow import arrow_numbers

_NUMBERS: Final[dict[str, np.dtype[Any]]] = {
    **{f"{sign}Int{bits}": np.dtype(f"{sign}int{bits}".lower()) for sign in ("", "U") for bits in (8, 16, 32, 64)},
    **{f"Float{bits}": np.dtype(f"float{bits}") for bits in (32, 64)},
}
_DAYS: Final[dict[str, np.dtype[Any]]] = {"Date": np.dtype(np.uint16), "Date32": np.dtype(np.int32)}
"""Days since 1970."""
_PLAIN: Final = frozenset({*_NUMBERS, *_DAYS, "String"})
_WRAPPED: Final = re.compile(r"(Nullable|LowCardinality)\((\w+)\)|LowCardinality\(Nullable\((\w+)\)\)")
_SIZES: Final = ("u1", "<u2", "<u4", "<u8")
"""Of a dictionary's codes."""
_SIZE_BITS: Final = 0xFF


def is_plain(kind: str) -> bool:
    """Whether a type is read here."""
    wrapped = _WRAPPED.fullmatch(kind)
    return kind in _PLAIN or bool(wrapped and (wrapped[2] or wrapped[3]) in _PLAIN)


def plain_column(source: Any, kind: str, rows: int) -> pa.Array:
    """The next column of so many rows, at least one, from a reader of the driver's; texts as bytes."""
    if kind in _NUMBERS:
        return arrow_numbers(_read(source, _NUMBERS[kind], rows))
    if kind in _DAYS:
        return arrow_numbers(_read(source, _DAYS[kind], rows).astype(np.int32)).view(pa.date32())
    if kind == "String":
        offsets, content = source.read_strings_arrow(rows)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
        return pa.Array.from_buffers(pa.large_binary(), rows, buffers).cast(pa.binary())
    wrapped, _, inner = kind[:-1].partition("(")
    if wrapped == "Nullable":
        missing = _read(source, np.dtype(np.uint8), rows)
        return _without(plain_column(source, inner, rows), missing != 0)
    return _few_values(source, inner, rows)


def _few_values(source: Any, kind: str, rows: int) -> pa.Array:
    """Each row's value, of a dictionary; the first one is none where the type is nullable."""
    _, form, count = _read(source, np.dtype("<u8"), 3).tolist()
    plain = kind.removeprefix("Nullable(").removesuffix(")")
    values = plain_column(source, plain, count)
    source.read(8)  # the number of rows
    codes = _read(source, np.dtype(_SIZES[form & _SIZE_BITS]), rows)
    found = values.take(arrow_numbers(codes))
    return _without(found, codes == 0) if plain != kind else found


def _without(values: pa.Array, missing: Any) -> pa.Array:
    """The values, null where they are missing."""
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(values.type, len(values), [valid, *values.buffers()[1:]])


def _read(source: Any, dtype: np.dtype[Any], count: int) -> Any:
    return np.frombuffer(source.read(count * dtype.itemsize), dtype=dtype)
