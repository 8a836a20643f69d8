"""Rows of a type as Arrow columns of any types, made from a seed, with what each value is to Python."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

import pyarrow as pa

from dompet.schemas.contracts import Contract, Kind
from dompet.schemas.limits import INT64_MAX, INT64_MIN, TIME_US_END, TIME_US_MIN
from dompet.schemas.wire import decode
from tests.schemas.log_records import LOOSE_ALPHABETS, NUMBERS, TEXT_BYTES, filled, valid

TOO_FINE = object()
"""What a time of no whole microsecond is to Python."""

UNIT_NS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
ODD_TEXTS = ("", "a\n", "\0", "\x7f", "\x80", "é" * 40, "x" * 65, "x" * 513, "3171234567890123", "317123456789012a")


class Column(NamedTuple):
    """Values as Arrow holds them, and as Python has them."""

    arrow: pa.Array
    python: list[Any]


Make = Callable[[Random, int], Column]
"""Gives so many values."""


def _plain(kind: pa.DataType, one: Callable[[Random], Any]) -> Make:
    def make(rng: Random, size: int) -> Column:
        found = [one(rng) if rng.random() < 0.8 else None for _ in range(size)]
        return Column(pa.array(found, kind), found)

    return make


def _text(rng: Random) -> str:
    return rng.choice((rng.choice(ODD_TEXTS), filled(rng.choice(LOOSE_ALPHABETS), rng.choice(TEXT_BYTES))))


def _dictionary(rng: Random, size: int) -> Column:
    found = _plain(pa.string(), _text)(rng, size)
    column = found.arrow.dictionary_encode()
    kind = rng.choice((pa.string(), pa.large_string(), pa.string_view()))
    return Column(pa.DictionaryArray.from_arrays(column.indices, column.dictionary.cast(kind)), found.python)


def _integers(bits: int, *, signed: bool) -> Make:
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    pool = [low, high, *(number for number in NUMBERS if low <= number <= high)]
    return _plain(pa.type_for_alias(f"{'' if signed else 'u'}int{bits}"), lambda rng: rng.choice(pool))


def _timestamps(rng: Random, size: int) -> Column:
    unit, zone = rng.choice(sorted(UNIT_NS)), rng.choice((None, "UTC", "Asia/Jakarta"))
    edges = [edge * 1000 // UNIT_NS[unit] + by for edge in (TIME_US_MIN, TIME_US_END) for by in (-1, 0, 1, 1000)]
    found = [rng.choice((None, INT64_MIN, INT64_MAX, 0, *edges)) for _ in range(size)]

    def python(value: int | None) -> Any:
        if value is None or zone is None:
            return None if value is None else datetime(1970, 1, 1)
        micros, finer = divmod(value * UNIT_NS[unit], 1000)
        return TOO_FINE if finer else micros

    return Column(pa.array(found, pa.timestamp(unit, zone)), list(map(python, found)))


ANY: list[Make] = [
    *(_plain(kind, _text) for kind in (pa.string(), pa.large_string(), pa.string_view())),
    *(_integers(bits, signed=signed) for bits in (8, 16, 32, 64) for signed in (True, False)),
    _plain(pa.null(), lambda rng: None),
    _plain(pa.bool_(), lambda rng: rng.random() < 0.5),
    _plain(pa.float64(), lambda rng: 1.0),
    _plain(pa.binary(), lambda rng: b"a"),
    _plain(pa.decimal128(10, 2), lambda rng: Decimal("1.50")),
    _plain(pa.date32(), lambda rng: date(2020, 4, 11)),
    _plain(pa.duration("us"), lambda rng: timedelta(1)),
    _plain(pa.list_(pa.int64()), lambda rng: [1]),
    _dictionary,
    _timestamps,
]
FITTING = {
    Kind.STRING: (pa.string(), pa.large_string(), pa.string_view()),
    Kind.LONG: (pa.int64(),),
    Kind.NULLABLE_LONG: (pa.int64(),),
    Kind.TIME: (pa.int64(), pa.timestamp("us", "UTC")),
    Kind.BOOLEAN: (pa.bool_(),),
}


def batch(contract: Contract, seed: int, size: int, odd: int) -> tuple[pa.RecordBatch, list[dict[str, Any]]]:
    """So many rows as Arrow and as Python have them; `odd` of the fields hold anything at all."""
    rng = Random(seed)
    skipped = rng.randrange(4)
    whole = [decode(valid(rng, contract).value or b"")[1] for _ in range(size + skipped)]
    columns: dict[str, Column] = {}
    for field in rng.sample(contract.fields, len(contract.fields)):
        found = [fields[field.name] for fields in whole]
        columns[field.name] = Column(pa.array(found, rng.choice(FITTING[field.kind])), found)
    for field in rng.sample(contract.fields, odd):
        made = rng.choice(ANY)(rng, size + skipped)
        if field.kind is not Kind.TIME and pa.types.is_timestamp(made.arrow.type):
            made = made._replace(
                python=[datetime(1970, 1, 1) if there else None for there in made.arrow.is_valid().to_pylist()]
            )
        columns[field.name] = made
    arrow = pa.RecordBatch.from_arrays([one.arrow for one in columns.values()], names=list(columns)).slice(skipped)
    return arrow, [{name: one.python[skipped + row] for name, one in columns.items()} for row in range(size)]
