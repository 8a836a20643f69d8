"""Events as mappings of their fields → records of the log, several types in one order.

For what is made by a program event by event: its fields become columns, and then no event is an object any more.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from dompet.schemas.contracts import Contract, Kind, events_by_name
from dompet.schemas.encode import Columns, Encoded, encode_columns
from dompet.schemas.strings import padded
from dompet.schemas.varints import Flags, Longs

TypedFields = tuple[str, Mapping[str, Any]]
"""A type's name and the fields of an event, its time a datetime or integer microseconds since 1970-01-01 UTC."""


def encode_rows(events: Sequence[TypedFields]) -> Encoded:
    """The events as records, in their order. What has not its type's own fields is a fault, as anything else is."""
    places: dict[str, list[int]] = {}
    for place, (type_name, _) in enumerate(events):
        places.setdefault(type_name, []).append(place)
    contracts = [events_by_name()[name] for name in places if name in events_by_name()]
    columns, texts = Columns(len(events), contracts), _Texts()
    for kind, contract in enumerate(contracts):
        rows = np.array(places[contract.name], dtype=np.int64)
        if _filled(columns, contract, rows, [events[row][1] for row in places[contract.name]], texts):
            columns.kinds[rows] = kind
    columns.blob = padded(texts.parts)
    return encode_columns(columns, lambda row: events[row])


class _Texts:
    """The bytes of all strings, end to end."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._size = 0

    def add(self, values: tuple[str, ...]) -> tuple[Longs, Longs]:
        """Where each begins, and how long it is. TypeError, UnicodeEncodeError where one is not a text of UTF-8."""
        joined = "".join(values)
        data = joined.encode()
        sizes = map(len, values) if len(data) == len(joined) else (len(value.encode()) for value in values)
        lengths = np.fromiter(sizes, dtype=np.int64, count=len(values))
        starts = np.cumsum(lengths) - lengths + self._size
        self.parts.append(data)
        self._size += len(data)
        return starts, lengths


def _filled(columns: Columns, contract: Contract, rows: Longs, events: list[Mapping[str, Any]], texts: _Texts) -> bool:
    """Fill in the events of one type; False where one of them is not plainly of it."""
    names = [field.name for field in contract.fields]
    if any(len(fields) != len(names) for fields in events):
        return False
    try:
        for field, values in zip(contract.fields, zip(*map(itemgetter(*names), events), strict=True), strict=True):
            place = columns.place[field.name]
            if field.kind is Kind.STRING:
                columns.starts[place, rows], columns.lengths[place, rows] = texts.add(values)
            else:
                columns.longs[place, rows], columns.present[place, rows] = _numbers(field.kind, values)
    except (KeyError, TypeError, UnicodeEncodeError, OverflowError):
        return False
    return True


def _numbers(kind: Kind, values: tuple[Any, ...]) -> tuple[Longs, Flags | bool]:
    """Values as longs, and where there are some. TypeError, OverflowError where one is no such number."""
    types = set(map(type, values))
    present: Flags | bool = True
    if kind is Kind.NULLABLE_LONG and type(None) in types:
        present = np.array([value is not None for value in values], dtype=np.bool_)
        values, types = tuple(value or 0 for value in values), types - {type(None)}
    if not types <= {bool if kind is Kind.BOOLEAN else int}:
        raise TypeError
    return np.fromiter(values, dtype=np.int64, count=len(values)), present
