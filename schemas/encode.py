"""Columns → records of the log, a whole batch at once: the mirror of `decode`.

Compiled loops write every row that is plainly within the limits, in the canonical bytes. Each other row is judged alone
by `wire.encode_fields`, which writes it or says what is wrong with it: so a batch's bytes and its refusals are those of
its events one by one (a property test holds them equal for any values).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from dompet.schemas.contracts import Contract, Kind, events_by_id
from dompet.schemas.encode_records import (
    KEY_AT,
    KEY_BYTES,
    LONG_BYTES_MAX,
    VALUE_AT,
    VALUE_BYTES,
    write_records,
)
from dompet.schemas.errors import InvalidEvent
from dompet.schemas.layout import layout_of
from dompet.schemas.strings import Strings, padded
from dompet.schemas.varints import PADDING, Bytes, Flags, Longs, words_at_any_byte
from dompet.schemas.wire import HEADER_BYTES, encode_fields, header_of

KEY: Final = "beneficiary_id"

Alone = Callable[[int], tuple[str, Mapping[str, Any]]]
"""Gives the type and the fields of one row; raises InvalidEvent where they cannot be read."""

_SIZE_BYTES_MAX: Final = 2
"""Of the length that stands before a string within the limits."""


@dataclass(frozen=True)
class Encoded:
    """Events as records of the log, a row an event. A row with a fault has neither key nor value."""

    keys: Strings
    values: Strings
    faults: Mapping[int, InvalidEvent]

    def __len__(self) -> int:
        return len(self.values)


class Columns:
    """Rows of events of some types, to be filled in: a column for each field that one of the types has.

    A string is a span of `blob`, which ends in PADDING spare bytes; every other value is a long, of a nullable field
    only where `present`. A row that is not `good` (the default is that it is) is judged alone.
    """

    def __init__(self, size: int, contracts: Iterable[Contract]) -> None:
        kinds = {field.name: field.kind for contract in contracts for field in contract.fields}
        strings = [name for name, kind in kinds.items() if kind is Kind.STRING]
        numbers = [name for name, kind in kinds.items() if kind is not Kind.STRING]
        self.place = {name: place for names in (strings, numbers) for place, name in enumerate(names)}
        self.blob: Bytes = np.zeros(PADDING, dtype=np.uint8)
        self.starts: Longs = np.zeros((len(strings), size), dtype=np.int64)
        self.lengths: Longs = np.zeros((len(strings), size), dtype=np.int64)
        self.longs: Longs = np.zeros((len(numbers), size), dtype=np.int64)
        self.present: Flags = np.zeros((len(numbers), size), dtype=np.bool_)
        self.good: Flags = np.ones(size, dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.good)

    @property
    def room_bytes(self) -> int:
        """More than all rows' records can have: no two strings share their bytes."""
        numbers, strings = len(self.longs), len(self.lengths)
        each = HEADER_BYTES + numbers * (LONG_BYTES_MAX + 1) + strings * _SIZE_BYTES_MAX
        return len(self) * each + len(self.blob) + PADDING


def encode_columns(columns: Columns, groups: Sequence[tuple[Contract, Longs]], alone: Alone) -> Encoded:
    """All rows as records. `groups` says which rows are of which type; a row of none of them must not be good."""
    out: Bytes = np.empty(columns.room_bytes, dtype=np.uint8)
    spans = np.zeros((4, len(columns)), dtype=np.int64)
    at = 0
    for contract, rows in groups:
        at = _write(columns, contract, rows, at, out, spans)
    rest = np.flatnonzero(~columns.good)
    if not len(rest):
        return _encoded(out[: at + PADDING], spans, {})
    spans[:, rest] = 0
    tail, faults = _judged_alone(rest, alone, at, spans)
    return _encoded(np.concatenate([out[:at], padded(tail)]), spans, faults)


def _judged_alone(rows: Longs, alone: Alone, at: int, spans: Longs) -> tuple[list[bytes], Mapping[int, InvalidEvent]]:
    """The bytes of these rows, which will lie at a position, and what is wrong with those that have none."""
    parts: list[bytes] = []
    faults: dict[int, InvalidEvent] = {}
    for row in rows.tolist():
        try:
            type_name, fields = alone(row)
            value = encode_fields(type_name, fields)
        except InvalidEvent as fault:
            faults[row] = fault
            continue
        key: bytes = fields[KEY].encode()
        spans[:, row] = at, len(value), at + len(value), len(key)
        parts += [value, key]
        at += len(value) + len(key)
    return parts, faults


def _write(columns: Columns, contract: Contract, rows: Longs, at: int, out: Bytes, spans: Longs) -> int:
    header, key_field, names = _facts(contract.schema_id)
    layout = layout_of(contract)
    places = np.array([columns.place[name] for name in names], dtype=np.int64)
    fields = (layout.forms, places, layout.low, layout.high, layout.least)
    values = (columns.starts, columns.lengths, columns.longs, columns.present, columns.good)
    targets = (out, words_at_any_byte(out, writable=True), spans)
    words = words_at_any_byte(columns.blob)
    found: int = write_records(words, rows, header, key_field, *fields, *values, at, *targets)
    return found


def _encoded(blob: Bytes, spans: Longs, faults: Mapping[int, InvalidEvent]) -> Encoded:
    keys = Strings(blob, spans[KEY_AT], spans[KEY_BYTES])
    return Encoded(keys, Strings(blob, spans[VALUE_AT], spans[VALUE_BYTES]), faults)


@cache
def _facts(schema_id: int) -> tuple[np.uint64, int, tuple[str, ...]]:
    """The header of a contract's records as a word, the place of the key among its fields, and their names."""
    names = tuple(field.name for field in events_by_id()[schema_id].fields)
    return np.uint64(int.from_bytes(header_of(schema_id), "little")), names.index(KEY), names
