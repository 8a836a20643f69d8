"""What `dompet catalogue list` shows: listings, those in force at a moment, in any of ClickHouse's formats."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from math import inf
from operator import attrgetter
from typing import Any, Final

import pyarrow as pa

from dompet.schemas.catalogue import CourseListed, Listing
from dompet.schemas.errors import DompetError
from dompet.streams.catalogue.files import KINDS
from dompet.streams.catalogue.topic import ListingKey
from dompet.streams.catalogue.values import kinds_of
from dompet.streams.warehouse.engine import written

_TRAIL: Final = re.compile(
    r"Code: \d+\. DB::Exception: | \([A-Z_]+\)| \(version [^)]*\)|\.? *Stack trace:.*", re.DOTALL
)
"""What ClickHouse puts around its sentence, for developers."""
_TIME: Final = pa.timestamp("s", "UTC")
_ARROW: Final = {str: pa.string(), int: pa.int64(), bool: pa.bool_(), date: pa.date32()}


def in_force(listings: Iterable[Listing], moment_us: int) -> list[Listing]:
    """Of each id the newest listing that holds at the moment, in UTC microseconds."""
    holding = [one for one in listings if one.valid_from <= moment_us and (one.valid_to or inf) > moment_us]
    newest = {_id(one): one for one in sorted(holding, key=attrgetter("valid_from"))}
    return [one for one in holding if newest[_id(one)] is one]


def rendered(listings: Sequence[Listing], kind: str | None, form: str) -> bytes:
    """The listings of a kind with all their fields, or, without one, what all kinds share. Raises DompetError where
    ClickHouse has no such format.
    """
    try:
        return written(_overview(listings) if kind is None else _table(KINDS[kind], listings), form)
    except RuntimeError as error:
        raise DompetError(f"--format {form}: {_TRAIL.sub('', str(error)).strip(' .')}") from None


def _id(listing: Listing) -> tuple[str, str]:
    """The type and the id of what is listed."""
    return ListingKey.of(listing)[:2]


def _table(type_name: str, listings: Iterable[Listing]) -> pa.Table:
    ours = [one for one in listings if type(one).__name__ == type_name]
    types = {name: _ARROW[kind] for name, (kind, _) in kinds_of(type_name).items()}
    columns = {name: [getattr(one, name) for one in ours] for name in types}
    return pa.table({name: _array(name, values, types[name]) for name, values in columns.items()})


def _overview(listings: Sequence[Listing]) -> pa.Table:
    kind_of = {type_name: kind for kind, type_name in KINDS.items()}
    columns: dict[str, list[Any]] = {
        "kind": [kind_of[type(one).__name__] for one in listings],
        "id": [_id(one)[1] for one in listings],
        "name": [one.title if isinstance(one, CourseListed) else one.name for one in listings],
    }
    table = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    for name in ("valid_from", "valid_to"):
        table[name] = _array(name, [getattr(one, name) for one in listings], pa.int64())
    return pa.table(table)


def _array(name: str, values: list[Any], type_: Any) -> Any:
    """A column; times as the views have them, in whole seconds."""
    if name.startswith("valid_"):
        return pa.array([None if value is None else value // 1_000_000 for value in values], pa.int64()).cast(_TIME)
    return pa.array(values, type_)
