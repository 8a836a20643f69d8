"""Where a window's sums differ: its rows, column by column, until the first difference has a name."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dompet.projections.state import order_keys
from dompet.schemas.rules import Rulebook
from dompet.schemas.strings import Strings
from dompet.streams.proof.fingerprint import JOURNAL, ORDERS, WALLETS, Stored
from dompet.streams.verify.difference import Difference, row_difference
from dompet.streams.verify.expected import WINDOW, Expected
from dompet.streams.verify.refold import Log, Refold
from dompet.streams.verify.stored_rows import Spans, as_rows, key_of, rows_of_keys, rows_within
from dompet.streams.warehouse.client import WarehouseClient
from dompet.streams.warehouse.rows import arrow_table

Rows = dict[tuple[Any, ...], dict[str, Any]]


def first_in_journal(
    ask: WarehouseClient, log: Log, rulebook: Rulebook, partition: int, window: int, span: tuple[int, int]
) -> Difference | None:
    """The journal's first row of a window that is not what the log says. The partition is folded once more for it."""
    begin, end = _limits(window, span)
    tables = []
    for batch in log.refold(Refold(rulebook), {partition: end}):
        rows = arrow_table(batch.rows)
        tables.append(rows.filter(pc.greater_equal(rows["offset"], begin)))
    mine = _by_key(JOURNAL, as_rows(JOURNAL, tables))
    found = _by_key(JOURNAL, rows_within(ask, JOURNAL, {partition: (begin, end)}))
    return _first(JOURNAL, "journal", mine, found)


def first_in_latest(
    ask: WarehouseClient, stored: Stored, expected: Expected, partition: int, window: int, span: tuple[int, int]
) -> Difference | None:
    """The same of wallets or orders, by the offset of their last event. One that has moved on meanwhile is no
    difference.
    """
    begin, end = _limits(window, span)
    mine = _by_key(stored, as_rows(stored, [expected.rows_in(stored, partition, window)]))
    found = _by_key(stored, rows_within(ask, stored, {partition: (begin, end)}))
    rows = rows_found(stored, expected, found.keys() - mine.keys())
    mine |= _by_key(stored, as_rows(stored, [expected.rows_of(stored, rows)]))
    missing = sorted(mine.keys() - found.keys())
    found |= _by_key(stored, rows_of_keys(ask, stored, missing))
    late = {key for key in missing if key in found and found[key]["version"] >= span[1]}
    compared = {key: row for key, row in mine.items() if key not in late and row["version"] >= span[0]}
    what = "wallets" if stored is WALLETS else "orders"
    return _first(stored, what, compared, {key: row for key, row in found.items() if key not in late})


def moved_keys(ask: WarehouseClient, stored: Stored, spans: Spans) -> pa.Table:
    """The keys of the wallets or orders that have an event behind what is compared."""
    behind = " OR ".join(f"(partition = {p} AND version >= {end})" for p, (_, end) in spans.items()) or "0"
    return ask.read(f"SELECT DISTINCT {', '.join(stored.keys)} FROM {stored.name} WHERE {behind}")  # noqa: S608


def moved_rows(stored: Stored, expected: Expected, keys: pa.Table) -> NDArray[np.int64]:
    """The rows of the state with these keys, as far as there are any."""
    return _rows_of(stored, expected, [_texts(keys[name]) for name in stored.keys])


def rows_found(stored: Stored, expected: Expected, keys: Iterable[tuple[str, ...]]) -> NDArray[np.int64]:
    """The rows of the state of these wallets or orders, as far as there are any."""
    each = list(keys)
    return _rows_of(
        stored, expected, [Strings.of([key[at].encode() for key in each]) for at in range(len(stored.keys))]
    )


def _rows_of(stored: Stored, expected: Expected, columns: list[Strings]) -> NDArray[np.int64]:
    state = expected.refold.state
    rows: NDArray[np.int64] = state.wallet_index.find(columns[0].packed())
    if stored is ORDERS:
        platform = state.texts.intern(columns[1])
        rows = np.where(rows > 0, state.order_index.find(order_keys(rows, platform, columns[2].packed())), 0)
    return rows[rows > 0]


def _first(stored: Stored, what: str, mine: Rows, found: Rows) -> Difference | None:
    """The first difference, by partition and place."""
    differences = []
    for key in mine.keys() | found.keys():
        row = mine.get(key) or found[key]
        name = what if stored is JOURNAL else f"{what}: {' '.join(map(str, key))}"
        one = row_difference(name, (row["partition"], row[stored.place]), mine.get(key), found.get(key))
        if one is not None:
            differences.append(one)
    return min(differences, default=None)


def _by_key(stored: Stored, rows: Iterable[dict[str, Any]]) -> Rows:
    return {key_of(stored, row): row for row in rows}


def _limits(window: int, span: tuple[int, int]) -> tuple[int, int]:
    return max(span[0], window * WINDOW), min(span[1], (window + 1) * WINDOW)


def _texts(column: pa.ChunkedArray) -> Strings:
    return Strings.of_arrow(column.cast(pa.large_binary()).combine_chunks())
