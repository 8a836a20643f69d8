"""Arrow tables as blocks of ClickHouse's native format: ClickHouse takes such a block as it lies, column by column.

Numbers and codes go in as they stand in memory, and a dictionary's values once for all rows; nothing is made for a
single row but the length before each text. (A table of Arrow's own costs chDB four times the time to take in.)
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.schemas.compiled import compiled
from dompet.schemas.varints import PADDING, Bytes, Words, words_at_any_byte
from dompet.streams.warehouse.native_bytes import prefixed, varint

_TYPES: Final = {
    pa.uint8(): "UInt8",
    pa.uint64(): "UInt64",
    pa.int32(): "Int32",
    pa.int64(): "Int64",
    pa.string(): "String",
    pa.binary(): "String",
}
_SHARED_DICTIONARIES: Final = 1
_OWN_KEYS: Final = 1 << 9
"""LowCardinality: the version of its form, and the mark of a block that carries its dictionary along."""

Buffer = bytes | memoryview


def native_block(rows: pa.Table, kinds: Mapping[str, str] | None = None) -> list[Buffer]:
    """The table as one block: buffers that follow one another. TypeError for a column of another type than a
    warehouse's tables have.

    `kinds`: ClickHouse's type of each column by name, where it does not follow from the column (see `fitting`).
    """
    buffers: list[Buffer] = [varint(rows.num_columns) + varint(rows.num_rows)]
    for name in rows.column_names:
        column = whole(rows[name])
        kind = kinds[name] if kinds else _type_name(column)
        buffers.append(prefixed(name.encode()) + prefixed(kind.encode()))
        buffers.extend(part if isinstance(part, bytes) else part.view(np.uint8).data for part in _content(column, kind))
    return buffers


def whole(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece; `combine_chunks` would copy one that is."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _type_name(column: pa.Array) -> str:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return f"LowCardinality({_TYPES[kind.value_type]})"
    if kind not in _TYPES:
        raise TypeError(f"no column of a warehouse is of type {kind}")
    return f"Nullable({_TYPES[kind]})" if column.null_count else _TYPES[kind]


def _content(column: pa.Array, kind: str) -> Iterator[bytes | NDArray[Any]]:
    if pa.types.is_dictionary(column.type):
        yield from _low_cardinality(column)
        return
    if kind.startswith("Nullable("):
        yield _numbers(column.is_null().cast(pa.uint8()))
    if pa.types.is_integer(column.type):
        yield _numbers(column)
    else:
        yield _strings(column)


def _low_cardinality(column: pa.DictionaryArray) -> Iterator[bytes | NDArray[Any]]:
    """The dictionary, then each row's place in it, in as few bytes as will do."""
    keys, codes = column.dictionary, _numbers(column.indices)
    size = 0 if len(keys) < 1 << 8 else 1 if len(keys) < 1 << 16 else 2
    yield np.array([_SHARED_DICTIONARIES, _OWN_KEYS | size, len(keys)], dtype="<u8")
    yield _strings(keys)
    yield np.array([len(codes)], dtype="<u8")
    yield codes.astype((np.uint8, np.uint16, np.uint32)[size])


def _numbers(column: pa.Array) -> NDArray[Any]:
    """The numbers as they lie in memory; any number where a row is null."""
    values = np.frombuffer(column.buffers()[1], dtype=column.type.to_pandas_dtype())
    return values[column.offset : column.offset + len(column)]


def _strings(column: pa.Array) -> NDArray[np.uint8]:
    """Each text after its length."""
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    size = int(offsets[-1] - offsets[0])
    if not size:
        return np.zeros(len(column), dtype=np.uint8)
    content = np.frombuffer(column.buffers()[2], dtype=np.uint8)
    to = np.empty(size + 5 * len(column) + PADDING, dtype=np.uint8)
    return to[: _after_lengths(offsets, content, words_at_any_byte(content), to, words_at_any_byte(to, writable=True))]


@compiled
def _after_lengths(offsets: NDArray[np.int32], content: Bytes, words: Words, to: Bytes, to_words: Words) -> int:
    """Copy each text after its length as a varint; returns how many bytes that made. A word is copied where there is
    one, for what it holds too much is overwritten by the next text.
    """
    place = 0
    for row in range(len(offsets) - 1):
        at, end = offsets[row], offsets[row + 1]
        length = end - at
        while length > 0x7F:
            to[place] = length & 0x7F | 0x80
            length >>= 7
            place += 1
        to[place] = length
        place += 1
        while at < end and at < len(words):
            to_words[place] = words[at]
            copied = min(8, end - at)
            at += copied
            place += copied
        while at < end:
            to[place] = content[at]
            at += 1
            place += 1
    return place
