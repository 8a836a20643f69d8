"""What a rebuild would change: the log folded by the rules given, beside what the live journal says of the same.

Nothing is written. Both sides end at the live journal's checkpoints, so that what it has not folded yet is no
difference.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from dompet.projections.result import MONEY
from dompet.schemas.records import Records
from dompet.streams.rebuild.log import TheLog
from dompet.streams.rebuild.wallets import Wallets, compare, folded_wallets, live_wallets
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import Bar
from dompet.streams.verify.refold import Log, Refold, Refolded
from dompet.streams.warehouse.client import WarehouseClient, warehouse_client
from dompet.streams.warehouse.rows import arrow_table

_CHECKPOINTS: Final = "SELECT cluster_id, topic, partition, next_offset FROM checkpoints"
_NUMBERS: Final = ("flag_bits", *(f"{name}_change" for name in MONEY))
_TEXTS: Final = ("outcome", "reason")
_READ: Final = ", ".join((*(f"CAST({name} AS String) AS {name}_text" for name in _TEXTS), *_NUMBERS))


@dataclass(frozen=True)
class Change:
    """Events of one type that end otherwise: `before` and `after` are an outcome, or the reason of a rejection."""

    type: str
    before: str
    after: str
    events: int


@dataclass(frozen=True)
class DryRun:
    """What would differ. `events`: how many were compared; `missing`: how many of them the live journal lacks;
    `same_outcome`: how many end as before with another effect on the money, or other flags.
    """

    events: int
    missing: int
    changes: list[Change]
    same_outcome: int
    wallets: Wallets


class Comparison:
    """Counts, batch by batch, what the live journal says otherwise."""

    def __init__(self, live: WarehouseClient) -> None:
        self._live = live
        self.events = self.missing = self.same_outcome = 0
        self._changes: Counter[tuple[str, str, str]] = Counter()

    @property
    def changes(self) -> list[Change]:
        """By how many events, the most first."""
        ranked = sorted(self._changes.items(), key=lambda item: (-item[1], item[0]))
        return [Change(*names, events) for names, events in ranked]

    def add(self, batch: Refolded) -> None:
        """Compare a batch with the live journal's rows of the same places."""
        new = _sorted(arrow_table(batch.rows))
        old = self._rows(batch.decoded.records)
        self.events += len(new)
        at = _places(new, old)
        self.missing += len(new) - int(np.count_nonzero(at >= 0))
        new, old = new.filter(pa.array(at >= 0)), old.take(pa.array(at[at >= 0]))
        before, after = _ending(*(old[f"{name}_text"] for name in _TEXTS)), _ending(new["outcome"], new["reason"])
        other = before != after
        for names in zip(_texts(new["type"])[other], before[other], after[other], strict=True):
            self._changes[names] += 1
        effects = [_number(old, name) != _number(new, name) for name in _NUMBERS]
        self.same_outcome += int(np.count_nonzero(np.logical_or.reduce(effects) & ~other))

    def _rows(self, records: Records) -> pa.Table:
        spans = [
            f"(partition = {partition} AND offset >= {places.min()} AND offset <= {places.max()})"
            for partition, places in _by_partition(records)
        ]
        rows = self._live.read(
            f"SELECT partition, offset, {_READ} FROM journal_rows FINAL WHERE {' OR '.join(spans)}"  # noqa: S608
        )
        return _sorted(rows)


def dry_run(settings: Settings, progress: Bar) -> DryRun:
    """What `dompet rebuild` with these settings would change; `progress` hears how many records are compared.

    DompetError where there is no journal, or a server does not answer.
    """
    log, refold = TheLog(settings), Refold(settings.rulebook())
    with warehouse_client(settings) as live:
        checkpoints = live.read(_CHECKPOINTS).to_pylist()
        log.check_same(checkpoints)
        ends = {int(one["partition"]): int(one["next_offset"]) for one in checkpoints}
        found, total = Comparison(live), sum(ends.values())
        read = Log(log.kafka, log.topic, log.offsets(), settings.batch_bytes)
        for batch in read.refold(refold, ends, settings.batch):
            found.add(batch)
            progress(found.events, total)
        wallets = compare(live_wallets(live, ends), folded_wallets(refold.state, refold.laws))
    return DryRun(found.events, found.missing, found.changes, found.same_outcome, wallets)


def _by_partition(records: Records) -> Iterator[tuple[int, Any]]:
    for partition in np.unique(records.partition).tolist():
        yield partition, records.offset[records.partition == partition]


def _sorted(table: pa.Table) -> pa.Table:
    return table.sort_by([("partition", "ascending"), ("offset", "ascending")])


def _places(new: pa.Table, old: pa.Table) -> Any:
    """Of each new row the place of the old one, −1 where there is none. Both are sorted by partition and offset."""
    wanted, there = (_key(table) for table in (new, old))
    if not len(there):
        return np.full(len(wanted), -1)
    at = np.minimum(np.searchsorted(there, wanted), len(there) - 1)
    return np.where(there[at] == wanted, at, -1)


def _key(table: pa.Table) -> Any:
    partition, offset = (table[name].to_numpy().astype(np.int64) for name in ("partition", "offset"))
    return (partition << np.int64(48)) + offset


def _ending(outcome: Any, reason: Any) -> Any:
    """An outcome; where there is one the reason says more."""
    reasons = _texts(reason)
    return np.where(reasons == "", _texts(outcome), reasons)


def _texts(column: Any) -> Any:
    return np.array(column.cast(pa.string()).to_pylist(), dtype=object)


def _number(table: pa.Table, name: str) -> Any:
    """A column; one that the fold left out is 0 throughout."""
    if name not in table.column_names:
        return np.zeros(len(table), dtype=np.int64)
    return table[name].to_numpy().astype(np.int64)
