"""Columns → records of the log, a whole batch at once: the mirror of `decode`.

Compiled loops write every row that is plainly within the limits, in the canonical bytes. Each other row is judged alone
by `wire.encode_fields`, which writes it or says what is wrong with it: so a batch's bytes and its refusals are those of
its events one by one (a property test holds them equal for any values).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from dompet.schemas.contracts import Contract, Kind, events_by_id
from dompet.schemas.encode_records import (
    ALONE,
    FACTS,
    KEY_AT,
    KEY_BYTES,
    LONG_BYTES_MAX,
    VALUE_AT,
    VALUE_BYTES,
    Plan,
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
    only where `present`. `kinds` has the place of each row's type among the `contracts`, or ALONE, as every row has at
    first: it is judged alone.
    """

    def __init__(self, size: int, contracts: Sequence[Contract]) -> None:
        layout = _layout(tuple(one.schema_id for one in contracts))
        self.contracts = contracts
        self.place = layout.place
        self.plan = layout.plan
        self.blob: Bytes = np.zeros(PADDING, dtype=np.uint8)
        self.starts: Longs = np.zeros((layout.strings, size), dtype=np.int64)
        self.lengths: Longs = np.zeros((layout.strings, size), dtype=np.int64)
        self.longs: Longs = np.zeros((layout.numbers, size), dtype=np.int64)
        self.present: Flags = np.zeros((layout.numbers, size), dtype=np.bool_)
        self.kinds: Longs = np.full(size, ALONE, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def room_bytes(self) -> int:
        """More than all rows' records can have: no two strings share their bytes."""
        fields = int(self.plan.counts.max(initial=0))
        return len(self) * (HEADER_BYTES + fields * (LONG_BYTES_MAX + 1)) + len(self.blob) + PADDING


def encode_columns(columns: Columns, alone: Alone) -> Encoded:
    """All rows as records."""
    out: Bytes = np.empty(columns.room_bytes, dtype=np.uint8)
    spans = np.zeros((4, len(columns)), dtype=np.int64)
    words, out_words = words_at_any_byte(columns.blob), words_at_any_byte(out, writable=True)
    values = (columns.starts, columns.lengths, columns.longs, columns.present)
    at = write_records(columns.plan, columns.kinds, words, *values, out, out_words, spans)
    rest = np.flatnonzero(columns.kinds == ALONE)
    if not len(rest):
        return _encoded(out[: at + PADDING], spans, {})
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


def _encoded(blob: Bytes, spans: Longs, faults: Mapping[int, InvalidEvent]) -> Encoded:
    keys = Strings(blob, spans[KEY_AT], spans[KEY_BYTES])
    return Encoded(keys, Strings(blob, spans[VALUE_AT], spans[VALUE_BYTES]), faults)


@dataclass(frozen=True)
class _Layout:
    """Where the fields of some types are among their columns, how many of these there are, and how they are written."""

    place: Mapping[str, int]
    strings: int
    numbers: int
    plan: Plan


@cache
def _layout(schema_ids: tuple[int, ...]) -> _Layout:
    contracts = [events_by_id()[schema_id] for schema_id in schema_ids]
    kinds = {field.name: field.kind for contract in contracts for field in contract.fields}
    strings = [name for name, kind in kinds.items() if kind is Kind.STRING]
    numbers = [name for name, kind in kinds.items() if kind is not Kind.STRING]
    place = {name: place for names in (strings, numbers) for place, name in enumerate(names)}
    return _Layout(place, len(strings), len(numbers), _plan(contracts, place))


def _plan(contracts: Sequence[Contract], place: Mapping[str, int]) -> Plan:
    counts = np.array([len(contract.fields) for contract in contracts], dtype=np.int64)
    headers = [int.from_bytes(header_of(contract.schema_id), "little") for contract in contracts]
    facts = np.zeros((len(contracts), int(counts.max(initial=0)), FACTS), dtype=np.int64)
    for of_type, contract, count in zip(facts, contracts, counts.tolist(), strict=True):
        layout, names = layout_of(contract), [field.name for field in contract.fields]
        columns, keys = [place[name] for name in names], [name == KEY for name in names]
        of_fields = (layout.forms, columns, layout.low, layout.high, layout.least.view(np.int64), keys)
        of_type[:count] = np.array(of_fields, dtype=np.int64).T
    return Plan(np.array(headers, dtype=np.uint64), counts, facts.reshape(-1, FACTS))
