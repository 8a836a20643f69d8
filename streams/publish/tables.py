"""Tables of events, as platforms have them: any of Arrow's, or what exchanges data as Arrow does."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from dompet.schemas.encode import Encoded
from dompet.schemas.encode_arrow import contract_of, encode_batch
from dompet.schemas.errors import InvalidEvent

CHUNK_ROWS: Final = 8_192
"""Rows encoded and handed over at a time: few enough for the processor's cache."""

HELD_BYTES_MAX: Final = 64 << 20
"""Of what was encoded to check a table, what is held until it is sent; what is beyond is encoded once more."""

_NAMELESS_INDEX: Final = re.compile(r"__index_level_[0-9]+__")
"""How pandas names the column of an index that has no name."""


class CheckedTable:
    """A table whose rows are all events. Raises InvalidEvent, with the first row (from 0) that is none."""

    def __init__(self, type_name: str, table: object) -> None:
        self._table = arrow_table(table)
        self._contract = contract_of(type_name, self._table.column_names)
        self._held: dict[int, Encoded] = {}
        held_bytes = 0
        for first in range(0, len(self._table), CHUNK_ROWS):
            encoded = self._encoded(first)
            if encoded.faults:
                row, fault = min(encoded.faults.items())
                raise InvalidEvent(f"row {first + row}: {fault}")
            held_bytes += encoded.values.blob.nbytes
            if held_bytes <= HELD_BYTES_MAX:
                self._held[first] = encoded

    def __len__(self) -> int:
        return len(self._table)

    def parts(self) -> Iterator[tuple[int, Encoded]]:
        """All rows, some at a time: the number of the first of them, and they themselves."""
        for first in range(0, len(self._table), CHUNK_ROWS):
            yield first, self._held.pop(first) if first in self._held else self._encoded(first)

    def _encoded(self, first: int) -> Encoded:
        [batch] = self._table.slice(first, CHUNK_ROWS).combine_chunks().to_batches()
        return encode_batch(self._contract, batch)


def arrow_table(table: Any) -> pa.Table:
    """The table as Arrow has it, without a copy where that can be. InvalidEvent where it is no table."""
    if isinstance(table, pa.Table):
        return table
    if hasattr(table, "__arrow_c_stream__"):
        found = pa.RecordBatchReader.from_stream(table).read_all()
    elif hasattr(table, "__arrow_c_array__"):
        found = pa.table(pa.record_batch(table))
    elif hasattr(table, "__dataframe__"):
        from pyarrow.interchange import from_dataframe

        found = from_dataframe(table)
    else:
        named = type(table).__name__
        raise InvalidEvent(f"a table is required: of Arrow, Polars or pandas, or a stream of Arrow's; {named} is none")
    return found.drop_columns([name for name in found.column_names if _NAMELESS_INDEX.fullmatch(name)])
