"""A digest of journal rows that NumPy and SQL compute alike.

Each row's numbers are summed, each times an odd constant of its column; the row's sum counts times its offset's own
odd number; rows are added up. All arithmetic is modulo 2^64, so order does not matter and SQL says it in one `sum`.
It finds rows that are missing, twice or changed by accident; it is no proof against an adversary.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dompet.projections.columns import COLUMNS, Kind
from dompet.projections.journal import Nullable

DIGESTED: Final = tuple(column for column in COLUMNS if column.kind not in (Kind.STRING, Kind.CATEGORY))
"""The columns that count: every number of the journal."""

_GOLDEN: Final = 0x9E3779B97F4A7C15
_WORD: Final = 0xFFFFFFFFFFFFFFFF


def weight(place: int) -> int:
    """The odd constant of the column at a place in DIGESTED."""
    mixed = (place + 1) * _GOLDEN & _WORD
    return (mixed ^ mixed >> 29) | 1


def row_digests(rows: Mapping[str, Any], size: int) -> NDArray[np.uint64]:
    """The number of each row, of which a digest is the sum."""
    total = np.zeros(size, dtype=np.uint64)
    for place, column in enumerate(DIGESTED):
        values = rows.get(column.name)
        if isinstance(values, Nullable):
            values = np.where(values.present, values.values, 0)
        if values is not None:
            total += values.astype(np.int64, copy=False).view(np.uint64) * np.uint64(weight(place))
    odd: NDArray[np.uint64] = (rows["offset"].view(np.uint64) << np.uint64(1)) | np.uint64(1)
    return total * odd


def digest_sql() -> str:
    """The same as an aggregate over `journal_rows`."""
    return f"sum({row_digest_sql()})"


def row_digest_sql() -> str:
    """A row's part of it."""
    terms = []
    for place, column in enumerate(DIGESTED):
        value = f"ifNull({column.name}, 0)" if column.kind is Kind.NULLABLE else column.name
        terms.append(f"toUInt64({value}) * toUInt64({weight(place)})")
    return f"(toUInt64(offset) * 2 + 1) * ({' + '.join(terms)})"
