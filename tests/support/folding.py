"""Events through records, decode, fold and journal to plain rows; and the same rows as the model has them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from dompet.projections.columns import COLUMNS, EVENT, ORDER, WALLET, Column, Kind
from dompet.projections.fold import ONE_BY_ONE_BELOW, Fold
from dompet.projections.journal import Category, Nullable, journal_rows
from dompet.projections.vocabulary import Flag
from dompet.schemas.decode import decode
from dompet.schemas.limits import TIME_US_MIN
from dompet.schemas.murmur2 import partition_of
from dompet.schemas.records import RawColumn, Records
from dompet.schemas.rules import Rulebook, read_rules
from dompet.schemas.strings import Strings
from dompet.schemas.wire import encode_fields
from tests.model import Model, Order, Result, Wallet

PARTITIONS = 12

Event = Mapping[str, Any]
Row = dict[str, Any]

_FIELDS = {"stated_reason": "reason", "occurred_at_us": "occurred_at"}
_EMPTY = {Kind.STRING: "", Kind.CATEGORY: "", Kind.NULLABLE: None}
_NAMES = [column.name for column in COLUMNS]
_CHANGES = {name: name.removesuffix("_change") for name in _NAMES if name.endswith("_change")}


def records(events: Sequence[Event], first_offset: int = 0) -> Records:
    """The events as a batch of the log; the offsets count all partitions together, and the microseconds since 2000."""
    keys: list[bytes | None] = [str(event["beneficiary_id"]).encode() for event in events]
    values: list[bytes | None] = [
        encode_fields(event["type"], {name: value for name, value in event.items() if name != "type"})
        for event in events
    ]
    partition = np.array([partition_of(key or b"", PARTITIONS) for key in keys], dtype=np.int32)
    offset = np.arange(first_offset, first_offset + len(events), dtype=np.int64)
    return Records(partition, offset, offset + TIME_US_MIN, RawColumn.of(keys), RawColumn.of(values), PARTITIONS)


class Folding:
    """A fold that takes events and gives rows: by column name, plain values, every column of the journal."""

    def __init__(
        self, rulebook: Rulebook | None = None, seed: int = 0, one_by_one_below: int = ONE_BY_ONE_BELOW
    ) -> None:
        self.fold = Fold(rulebook or read_rules(), seed, one_by_one_below)
        self._offset = 0

    def rows(self, events: Sequence[Event]) -> list[Row]:
        """Fold one batch."""
        batch = records(events, self._offset)
        self._offset += len(events)
        return self.rows_of(batch)

    def rows_of(self, batch: Records) -> list[Row]:
        """The same for records."""
        decoded = decode(batch)
        result = self.fold.apply(decoded)
        return plain_rows(journal_rows(decoded, result, self.fold.state, self.fold.laws), len(batch))

    def rows_in(self, events: Sequence[Event], sizes: Iterable[int]) -> list[Row]:
        """Fold batches of these sizes, and what is left as the last one."""
        rest = iter(events)
        rows = [row for size in sizes for row in self.rows(list(islice(rest, size)))]
        return rows + self.rows(list(rest))


def plain_rows(journal: Mapping[str, Any], size: int) -> list[Row]:
    """The journal's columns as rows; one that was left out is at its default."""
    assert journal.keys() <= set(_NAMES)
    columns = [_plain(column, journal.get(column.name), size) for column in COLUMNS]
    assert {len(values) for values in columns} <= {size}
    return [dict(zip(_NAMES, values, strict=True)) for values in zip(*columns, strict=True)]


def _plain(column: Column, values: Any, size: int) -> list[Any]:
    match values:
        case None:
            return [_EMPTY.get(column.kind, 0)] * size
        case Category():
            codes = values.codes.tolist()
            texts = {code: values.values.row(code).decode() for code in set(codes)}
            return [texts[code] for code in codes]
        case Nullable():
            present = values.present.tolist()
            return [value if there else None for value, there in zip(values.values.tolist(), present, strict=True)]
        case Strings():
            return [values.row(row).decode() for row in range(len(values))]
        case pa.Array():
            return list(values.to_pylist())
        case _:
            return list(np.multiply(values, 1).tolist())  # a truth value is 0 or 1


class Modelling:
    """The model, giving rows as the journal has them."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._offset = 0

    def rows(self, events: Iterable[Event]) -> list[Row]:
        """Apply the events, one by one."""
        return [self._row(event) for event in events]

    def _row(self, event: Event) -> Row:
        result = self._model.apply(event)
        wallet = self._model.wallets.get(event["beneficiary_id"])
        key = (event["beneficiary_id"], event.get("platform_id", ""), event.get("order_id", ""))
        place = {
            "partition": partition_of(event["beneficiary_id"].encode(), PARTITIONS),
            "offset": self._offset,
            "recorded_at_us": self._offset + TIME_US_MIN,
        }
        self._offset += 1
        after = _after(wallet, self._model.orders.get(key))
        return place | dict(_said(event)) | dict(_decided(result)) | dict(after)


def _said(event: Event) -> Iterator[tuple[str, Any]]:
    for column in EVENT:
        value = event.get(_FIELDS.get(column.name, column.name))
        yield column.name, _at_default(column, value)


def _decided(result: Result) -> Iterator[tuple[str, Any]]:
    yield "outcome", result.outcome
    yield "reason", result.reason
    yield "flag_bits", bits(result.flags)
    yield from ((name, getattr(result.effects, changed)) for name, changed in _CHANGES.items())


def _after(wallet: Wallet | None, order: Order | None) -> Iterator[tuple[str, Any]]:
    for columns, owner in ((WALLET, wallet), (ORDER, order)):
        for column in columns:
            value = getattr(owner, attribute(column), None)
            yield column.name, bits(value) if isinstance(value, tuple) else _at_default(column, value)


def _at_default(column: Column, value: Any) -> Any:
    return _EMPTY.get(column.kind, 0) if value is None else int(value) if isinstance(value, bool) else value


@cache
def attribute(column: Column) -> str:
    """The model's name for what a state column holds."""
    name = column.name.removesuffix("_us").removesuffix("_after").removeprefix("order_")
    return "flags" if name == "flag_bits" else name


def bits(flags: Iterable[str]) -> int:
    """Flags by name as the journal's bits."""
    return sum(Flag[flag.upper()] for flag in flags)


def differences(rows: Sequence[Row], expected: Sequence[Row]) -> list[str]:
    """Where two lists of rows differ, row by row, in words."""
    assert len(rows) == len(expected)
    return [
        f"row {number}, {one['type']}: {name} is {one[name]!r}, expected {other[name]!r}"
        for number, (one, other) in enumerate(zip(rows, expected, strict=True))
        for name in one
        if one[name] != other[name]
    ]
