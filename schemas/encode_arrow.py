"""Arrow columns of one event type → records of the log."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.schemas.contracts import Contract, Field, Kind
from dompet.schemas.encode import Columns, Encoded, encode_columns
from dompet.schemas.errors import InvalidEvent
from dompet.schemas.limits import TIME_US_END
from dompet.schemas.varints import PADDING, Bytes, Flags, Longs
from dompet.schemas.wire import check_names

_MICROSECONDS: Final = {"s": 1_000_000, "ms": 1_000, "us": 1}
_NANOSECONDS: Final = 1_000
_A_MOMENT: Final = datetime(1970, 1, 1)


def contract_of(type_name: str, names: list[str]) -> Contract:
    """The contract whose fields a table's columns are. Raises InvalidEvent."""
    contract = check_names(type_name, set(names))
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidEvent(f"{type_name}: {twice!r} is given more than once")
    return contract


def encode_batch(contract: Contract, batch: pa.RecordBatch) -> Encoded:
    """The rows as records; the batch has the fields of the contract as columns, in any order.

    A string may be of any of Arrow's types of text, a dictionary too; a number an integer of any width; a time a
    timestamp with a zone, or an integer of microseconds since 1970-01-01 UTC.
    """
    given = set(batch.schema.names)
    held = {field: batch.column(field.name) for field in contract.fields if field.name in given}
    columns, good = Columns(len(batch), [contract]), np.ones(len(batch), dtype=np.bool_)
    pieces: list[Bytes] = []
    size = 0
    for field, column in held.items():
        if field.kind is Kind.STRING:
            piece = _put_strings(columns, good, field, column, size)
            pieces.append(piece)
            size += len(piece)
        else:
            _put_numbers(columns, good, field, column)
    columns.blob = np.concatenate([*pieces, np.zeros(PADDING, dtype=np.uint8)])
    columns.kinds[good] = 0

    def alone(row: int) -> tuple[str, dict[str, object]]:
        return contract.name, {field.name: _python(contract, field, column, row) for field, column in held.items()}

    return encode_columns(columns, alone)


def _put_strings(columns: Columns, good: Flags, field: Field, column: pa.Array, at: int) -> Bytes:
    """Fill in a string field whose bytes will lie at `at`; those bytes."""
    texts = _texts(column)
    if texts is None:
        good[:] = False
        return np.zeros(0, dtype=np.uint8)
    place, width = columns.place[field.name], np.dtype(np.int64 if pa.types.is_large_string(texts.type) else np.int32)
    offsets = _numbers(texts.buffers()[1], width, texts.offset, len(texts) + 1)
    first, last = int(offsets[0]), int(offsets[-1])
    np.subtract(offsets[1:], offsets[:-1], out=columns.lengths[place])
    np.add(offsets[:-1], at - first, out=columns.starts[place])
    if (valid := _valid(texts)) is not None:
        good &= valid
    return _numbers(texts.buffers()[2], np.dtype(np.uint8), first, last - first)


def _texts(column: pa.Array) -> pa.Array | None:
    """The column as Arrow's plain strings, their offsets of 32 or 64 bits; None where it does not hold texts."""
    if pa.types.is_dictionary(column.type):
        texts = _texts(column.dictionary)
        return None if texts is None else texts.take(column.indices)
    if pa.types.is_string_view(column.type):
        return column.cast(pa.large_string())
    return column if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) else None


def _put_numbers(columns: Columns, good: Flags, field: Field, column: pa.Array) -> None:
    """Fill in a field of another kind."""
    place = columns.place[field.name]
    read = _READERS[field.kind](column.type)
    valid = _valid(column)
    if read is not None:
        columns.longs[place], fits = read(column)
        good &= fits
    elif field.kind is Kind.NULLABLE_LONG and valid is not None:
        good &= ~valid
    else:
        good[:] = False
    if field.kind is Kind.NULLABLE_LONG:
        columns.present[place] = True if valid is None else valid
    elif valid is not None:
        good &= valid


_Reader = Callable[[pa.Array], tuple[NDArray[Any], NDArray[np.bool_] | bool]]
"""Gives a column's values as longs, and which of them are whole; what it holds where it is null means nothing."""


def _reader_of_longs(kind: pa.DataType) -> _Reader | None:
    if not pa.types.is_integer(kind):
        return None
    return _whole_longs if kind == pa.uint64() else _longs


def _reader_of_times(kind: pa.DataType) -> _Reader | None:
    if pa.types.is_timestamp(kind):
        return _times if kind.tz is not None else None
    return _reader_of_longs(kind)


def _reader_of_booleans(kind: pa.DataType) -> _Reader | None:
    return _booleans if pa.types.is_boolean(kind) else None


_READERS: Final = {
    Kind.LONG: _reader_of_longs,
    Kind.NULLABLE_LONG: _reader_of_longs,
    Kind.TIME: _reader_of_times,
    Kind.BOOLEAN: _reader_of_booleans,
}


def _longs(column: pa.Array) -> tuple[Longs, bool]:
    dtype = np.dtype(column.type.to_pandas_dtype())
    return _numbers(column.buffers()[1], dtype, column.offset, len(column)).astype(np.int64), True


def _whole_longs(column: pa.Array) -> tuple[Longs, Flags]:
    values = _numbers(column.buffers()[1], np.dtype(np.int64), column.offset, len(column))
    return values, values >= 0


def _times(column: pa.Array) -> tuple[Longs, NDArray[np.bool_]]:
    values = _numbers(column.buffers()[1], np.dtype(np.int64), column.offset, len(column))
    if column.type.unit == "ns":
        return values // _NANOSECONDS, values % _NANOSECONDS == 0
    times = _MICROSECONDS[column.type.unit]
    fits = abs(values) <= TIME_US_END // times
    return np.where(fits, values, 0) * times, fits


def _booleans(column: pa.Array) -> tuple[NDArray[np.uint8], bool]:
    return _bits(column.buffers()[1], column.offset, len(column)), True


def _valid(column: pa.Array) -> NDArray[np.bool_] | None:
    """Where a column is not null; None where it is nowhere."""
    if not column.null_count:
        return None
    if pa.types.is_null(column.type):
        return np.zeros(len(column), dtype=np.bool_)
    return np.asarray(_bits(column.is_valid().buffers()[1], 0, len(column)), dtype=np.bool_)


def _bits(buffer: pa.Buffer | None, offset: int, count: int) -> NDArray[np.uint8]:
    packed = _numbers(buffer, np.dtype(np.uint8), 0, (offset + count + 7) // 8)
    return np.unpackbits(packed, count=offset + count, bitorder="little")[offset:]


def _numbers(buffer: pa.Buffer | None, dtype: np.dtype[Any], offset: int, count: int) -> NDArray[Any]:
    if not count or buffer is None:
        return np.zeros(count, dtype=dtype)
    return np.frombuffer(buffer, dtype=dtype, count=count, offset=offset * dtype.itemsize)


def _python(contract: Contract, field: Field, column: pa.Array, row: int) -> object:
    """One value as Python has it, a time in microseconds; what Python cannot hold as the scalar that Arrow has."""
    value = column[row]
    if pa.types.is_timestamp(column.type) and value.is_valid:
        return _moment(contract, field, value)
    try:
        return value.as_py()
    except UnicodeDecodeError:
        return value.as_buffer().to_pybytes().decode("utf-8", "surrogateescape")
    except (ValueError, OverflowError):
        return value


def _moment(contract: Contract, field: Field, value: pa.Scalar) -> object:
    """A timestamp in microseconds; some datetime where only its type matters: it has no zone, or should be no time."""
    unit, zone = value.type.unit, value.type.tz
    if zone is None or field.kind is not Kind.TIME:
        return _A_MOMENT if zone is None else _A_MOMENT.replace(tzinfo=UTC)
    if unit == "ns" and value.value % _NANOSECONDS:
        raise InvalidEvent(f"{contract.name}: {field.name} is finer than a microsecond")
    return value.value // _NANOSECONDS if unit == "ns" else value.value * _MICROSECONDS[unit]
