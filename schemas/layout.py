"""How a contract's fields lie on the wire, as arrays for the compiled loops that read and write records."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from dompet.schemas.contracts import Contract, Field, Kind, events_by_id
from dompet.schemas.limits import (
    FREE_TEXT,
    ID_BYTES_MAX,
    INT64_MAX,
    INT64_MIN,
    TEXT_BYTES_MAX,
    TIME_US_END,
    TIME_US_MIN,
    string_fault,
)
from dompet.schemas.varints import BOOLEAN, LONG, NULLABLE, STRING, Longs, Words

_FORMS: Final = {
    Kind.STRING: STRING,
    Kind.LONG: LONG,
    Kind.TIME: LONG,
    Kind.NULLABLE_LONG: NULLABLE,
    Kind.BOOLEAN: BOOLEAN,
}
_DELETE: Final = 0x7F
_IN_EACH_BYTE: Final = 0x0101010101010101


@dataclass(frozen=True)
class Layout:
    """Of each field of a contract: its form, the bounds of its length in bytes or of its value, both included, and the
    least byte from which on every ASCII character up to the tilde may be in it, in each byte of a word.
    """

    forms: Longs
    low: Longs
    high: Longs
    least: Words


def layout_of(contract: Contract) -> Layout:
    """The layout of a contract of events."""
    return _layout(contract.schema_id)


@cache
def _layout(schema_id: int) -> Layout:
    fields = events_by_id()[schema_id].fields
    low, high = np.array([_bounds(field) for field in fields], dtype=np.int64).T.copy()
    forms = np.array([_FORMS[field.kind] for field in fields], dtype=np.int64)
    least = np.array([_least(field) * _IN_EACH_BYTE for field in fields], dtype=np.uint64)
    return Layout(forms, low, high, least)


def _bounds(one: Field) -> tuple[int, int]:
    match one.kind:
        case Kind.STRING:
            return (0, TEXT_BYTES_MAX) if one.name in FREE_TEXT else (1, ID_BYTES_MAX)
        case Kind.TIME:
            return TIME_US_MIN, TIME_US_END - 1
    return INT64_MIN, INT64_MAX


def _least(one: Field) -> int:
    if one.kind is not Kind.STRING:
        return 0
    refused = [byte for byte in range(_DELETE) if string_fault(one.name, chr(byte), 1)]
    return max(refused, default=-1) + 1
