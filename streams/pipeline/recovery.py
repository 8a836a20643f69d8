"""State rebuilt from the journal as of a checkpoint.

The journal says where the last accepted event of each wallet and order is below the checkpoint. What is stored of
that very event in `wallet_rows` and `order_rows` is right as it is; the others, touched at or above the checkpoint or
lost by a power cut that kept the journal, are read from the journal's own rows at these places. References come from
the accepted events that made them. The wallets' sums must equal the sums of the journal's effects.
"""

import logging
import time
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.projections.laws import Laws
from dompet.projections.load import load_orders, load_references, load_wallets
from dompet.projections.result import MONEY
from dompet.projections.state import State
from dompet.schemas.arrow import arrow_numbers
from dompet.schemas.errors import DompetError
from dompet.schemas.strings import Strings
from dompet.streams.pipeline.resuming import Progress
from dompet.streams.pipeline.stored_journal import KEYS, Kind, StoredJournal, Tally
from dompet.streams.process.log_lines import fields

log = logging.getLogger("dompet.recovery")

_PARTITION_BITS: Final = 16


class RecoveryError(DompetError):
    """The journal contradicts itself."""


def recover(
    journal: StoredJournal,
    laws: Laws,
    state: State,
    upto: Mapping[int, int],
    tallies: Mapping[int, Tally] | None = None,
) -> None:
    """Fill a state with what the journal says of partitions of which it has nothing, below `upto`, the next offset of
    each.

    `tallies`: what the journal holds there, where that is known. Raises RecoveryError.
    """
    below = {partition: offset for partition, offset in upto.items() if offset > 0}
    if not below:
        return
    began = time.monotonic()
    if tallies is None:
        tallies = journal.tallies(below)
    if journal.steps(below) != sum(tally.steps for tally in tallies.values()):
        log.warning("step_rows had lost rows and is filled again")
        journal.refill("step_rows")
    lost: set[Kind] = set()
    for group in Progress("recovering", {one: tally.rows for one, tally in tallies.items()}).groups():
        lost |= _recover(journal, laws, state, {one: below[one] for one in group})
        if not adds_up(state, group, tallies):
            raise RecoveryError("the wallets do not add up to the journal's effects: the warehouse must be rebuilt")
    for kind in sorted(lost):
        log.warning("%s_rows had lost rows and is filled again", kind)
        journal.refill("wallet_rows" if kind == "wallet" else "order_rows")
    rows, seconds = sum(tally.rows for tally in tallies.values()), time.monotonic() - began
    numbers = fields(rows=rows, seconds=round(seconds, 3))
    log.info("recovered %s journal rows in %.1f s", f"{rows:,}", seconds, extra=numbers)


def _recover(journal: StoredJournal, laws: Laws, state: State, below: Mapping[int, int]) -> set[Kind]:
    """Recover some partitions; the kinds of which stored rows were lost.

    The queries run in a thread of their own: while one runs, what the last one found is loaded.
    """
    pool = ThreadPoolExecutor(1, "recovery")
    try:
        wallets = [pool.submit(journal.latest, "wallet", below), pool.submit(journal.last_places, "wallet", below)]
        references = pool.submit(journal.references, below)
        orders = [pool.submit(journal.latest, "order", below), pool.submit(journal.last_places, "order", below)]
        lost: set[Kind] = set()
        for part in _whole(journal, "wallet", below, wallets[0].result(), wallets[1].result(), lost):
            load_wallets(state, laws, _columns(part))
        load_references(state, _columns(references.result()))
        for part in _whole(journal, "order", below, orders[0].result(), orders[1].result(), lost):
            load_orders(state, _columns(part))
        return lost
    except ValueError as error:
        raise RecoveryError(f"{error}: the warehouse must be rebuilt") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _whole(
    journal: StoredJournal, kind: Kind, below: Mapping[int, int], stored: pa.Table, last: pa.Table, lost: set[Kind]
) -> list[pa.Table]:
    """The last row of every wallet or order, each once. `lost` takes the kind where one is missing."""
    expected = np.sort(_places(last["partition"], last["offset"]))
    found = _places(stored["partition"], stored["version"])
    at = np.minimum(np.searchsorted(expected, found), max(len(expected) - 1, 0))
    right = expected[at] == found if len(expected) else np.zeros(len(found), dtype=np.bool_)
    if right.all() and len(found) == len(expected):
        return [stored]
    absent = np.ones(len(expected), dtype=np.bool_)
    absent[at[right]] = False
    mask = (1 << _PARTITION_BITS) - 1
    places = [(int(place) & mask, int(place) >> _PARTITION_BITS) for place in expected[absent]]
    others = stored.filter(arrow_numbers(~right))
    touched = others.filter(arrow_numbers(_is_above(others, below)))
    parts = [stored.filter(arrow_numbers(right))]
    if places:
        parts.append(journal.rows_at(kind, places))
        if len(parts[1]) != len(places):
            raise ValueError("the journal was changed while it was read")
    if len(touched) < len(others) or not _keys(kind, parts[-1] if places else touched).issubset(_keys(kind, touched)):
        lost.add(kind)
    return parts


def _places(partition: pa.ChunkedArray, offset: pa.ChunkedArray) -> NDArray[np.int64]:
    """Places of the log as single numbers."""
    places: NDArray[np.int64] = offset.to_numpy() << _PARTITION_BITS | partition.to_numpy()
    return places


def _is_above(stored: pa.Table, below: Mapping[int, int]) -> NDArray[np.bool_]:
    """Of each row whether it is of an event at or above the checkpoint."""
    upto = np.zeros(max(below) + 1, dtype=np.int64)
    upto[list(below)] = list(below.values())
    above: NDArray[np.bool_] = stored["version"].to_numpy() >= upto[stored["partition"].to_numpy()]
    return above


def _keys(kind: Kind, rows: pa.Table) -> set[tuple[Any, ...]]:
    columns = [rows[name].cast(pa.binary()).to_pylist() for name in KEYS[kind]]
    return set(zip(*columns, strict=True))


def adds_up(state: State, partitions: Collection[int], tallies: Mapping[int, Tally]) -> bool:
    """Whether the wallets of some partitions add up to what the journal's events did."""
    mine = np.isin(state.wallets["partition"][: state.wallets.count + 1], list(partitions))
    mine[0] = False
    return all(
        int(state.wallets[name][: len(mine)][mine].sum()) == sum(tallies[one].money[name] for one in partitions)
        for name in MONEY
    )


def _columns(table: pa.Table) -> dict[str, Any]:
    """A result's columns as the state loads them."""
    return {name: _column(table[name].combine_chunks()) for name in table.column_names}


def _column(column: pa.Array) -> Any:
    if pa.types.is_integer(column.type):
        values = column.fill_null(0).to_numpy()
        if not column.null_count:
            return values
        return np.ma.array(values, mask=column.is_null().to_numpy(zero_copy_only=False))
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return Strings.of_arrow(column)
