"""What the warehouse should hold, gathered batch by batch while the log is folded again."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.projections.batch import Codes
from dompet.projections.columns import Kind
from dompet.projections.digest import row_digests
from dompet.schemas.arrow import arrow_numbers
from dompet.schemas.records import Records
from dompet.streams.proof.chain import SEGMENT, Chain, Head
from dompet.streams.proof.chains import partition_slices
from dompet.streams.proof.fingerprint import JOURNAL, ORDERS, WALLETS, Fingerprint, Stored, Sums
from dompet.streams.proof.state_rows import order_table, wallet_table
from dompet.streams.verify.refold import Refold, Refolded
from dompet.streams.warehouse.rows import arrow_table

WINDOW: Final = SEGMENT
"""Offsets of which rows are compared by one sum; where it differs, its rows are looked at one by one."""

_PART: Final = 500_000


class Versions:
    """The offset of the last accepted event of each wallet or order, by its row of the state; −1 for row 0."""

    def __init__(self) -> None:
        self.offsets = np.full(1 << 16, -1, dtype=np.int64)

    def note(self, batch: Refolded, codes: Codes) -> None:
        """Take a batch's."""
        places = batch.result.latest(codes)
        event = np.zeros(len(batch), dtype=np.int64)
        event[batch.result.batch.rows] = np.arange(len(batch.result.batch.rows))
        rows = codes.rows(event[places])
        if len(rows) and rows.max() >= len(self.offsets):
            grown = np.full(max(2 * len(self.offsets), int(rows.max()) + 1), -1, dtype=np.int64)
            grown[: len(self.offsets)] = self.offsets
            self.offsets = grown
        self.offsets[rows] = batch.decoded.records.offset[places]


class Expected:
    """Sums and heads of what the log says, from `begins` on (by partition), and the state at its end."""

    def __init__(self, refold: Refold, seed: int, begins: Mapping[int, int], ends: Mapping[int, int]) -> None:
        self.refold = refold
        self.seed = seed
        self.begins = np.zeros(max(ends, default=0) + 1, dtype=np.int64)
        self.begins[list(begins)] = list(begins.values())
        self._ends = np.zeros(len(self.begins), dtype=np.int64)
        self._ends[list(ends)] = list(ends.values())
        self.records = 0
        self.journal = Sums({})
        self._journal_print = Fingerprint(JOURNAL.columns, seed)
        self.heads: dict[tuple[int, int], Head] = {}
        self.ended: set[tuple[int, int]] = set()
        """The heads of segments in which no record follows: by partition and next offset."""
        self._below: dict[tuple[int, int], tuple[int, int]] = {}
        self._chains = {partition: Chain(partition) for partition in ends}
        self._head_cuts: dict[int, list[int]] = {}
        self._sum_cuts: dict[int, NDArray[np.int64]] = {}
        self._sums = dict.fromkeys(ends, (0, 0))
        self.versions = {WALLETS.name: Versions(), ORDERS.name: Versions()}

    def want_heads(self, places: Iterable[tuple[int, int]]) -> None:
        """Keep the heads at these partitions and next offsets, too, beside those of whole segments."""
        for partition, next_offset in places:
            self._head_cuts[partition] = sorted({*self._head_cuts.get(partition, ()), next_offset})

    def want_sums(self, places: Iterable[tuple[int, int]]) -> None:
        """Keep how many rows lie below these partitions and offsets, and the sum of their `row_digests`."""
        wanted: dict[int, set[int]] = {}
        for partition, offset in places:
            wanted.setdefault(partition, set()).add(offset)
        self._sum_cuts = {partition: np.array(sorted(offsets)) for partition, offsets in wanted.items()}

    def below(self, partition: int, offset: int) -> tuple[int, int]:
        """How many rows lie below an offset that was wanted, and the sum of their digests."""
        return self._below.get((partition, offset), self._sums[partition])  # without a row behind it, it is all of them

    def fold(self, records: Records) -> Refolded | None:
        """Fold the next records of the log; `note` is called with them and with what came of them, in the same order:
        by another thread, while the next records are folded.
        """
        self.records += len(records)
        within = records.offset < self._ends[records.partition]
        if not within.any():
            return None
        return self.refold.apply(records if within.all() else records.take(np.flatnonzero(within)))

    def note(self, records: Records, batch: Refolded | None) -> None:
        """Add records to the chains, and a batch's rows to the sums."""
        for partition, rows in partition_slices(records):
            self._hash(self._chains[partition], records, rows)
        if batch is not None:
            self._sum(batch.decoded.records, batch)
            self.versions[WALLETS.name].note(batch, batch.result.batch.persons)
            self.versions[ORDERS.name].note(batch, batch.result.batch.orders)

    def _hash(self, chain: Chain, records: Records, rows: slice) -> None:
        cuts = self._head_cuts.get(chain.partition, [])
        places = (rows.start + np.searchsorted(records.offset[rows], cuts)).tolist()
        for begin, end in pairwise([rows.start, *places, rows.stop]):
            if begin < end:
                for head in chain.extend(records, slice(begin, end)):
                    self.heads[head.partition, head.next_offset] = head
                    self.ended.add((head.partition, head.next_offset))
                if chain.next_offset in cuts:
                    self.heads.setdefault((chain.partition, chain.next_offset), chain.head())

    def _sum(self, records: Records, batch: Refolded) -> None:
        numbers = self._journal_print.of(arrow_table(batch.rows))
        digests = row_digests(batch.rows, len(batch))
        for partition, rows in partition_slices(records):
            offset = records.offset[rows]
            wanted = offset >= self.begins[partition]
            place = offset[wanted] // WINDOW
            self.journal.add(np.full(len(place), partition), place, numbers[rows][wanted])
            self._note_sums(partition, offset, digests[rows])

    def _note_sums(self, partition: int, offset: NDArray[np.int64], digests: NDArray[np.uint64]) -> None:
        count, total = self._sums[partition]
        sums = np.concatenate([[np.uint64(0)], np.cumsum(digests)])
        cuts = self._sum_cuts.get(partition, np.zeros(0, dtype=np.int64))
        passed = int(np.searchsorted(cuts, offset[-1], side="right"))
        for cut in cuts[:passed].tolist():  # it may lie before the first row, or where offsets have no record
            rows = int(np.searchsorted(offset, cut))
            self._below[partition, cut] = count + rows, (total + int(sums[rows])) & 0xFFFFFFFFFFFFFFFF
        self._sum_cuts[partition] = cuts[passed:]
        self._sums[partition] = count + len(offset), (total + int(sums[-1])) & 0xFFFFFFFFFFFFFFFF

    def latest(self, stored: Stored, but: NDArray[np.int64]) -> Sums:
        """The sums of wallets or orders from `begins` on, by their versions, but for those of some rows."""
        sums, printed = Sums({}), Fingerprint(stored.columns, self.seed)
        others = np.ones(self._count(stored) + 1, dtype=np.bool_)
        others[but] = False
        for begin in range(1, len(others), _PART):
            rows = begin + np.flatnonzero(others[begin : begin + _PART])
            table = self.rows_of(stored, rows)
            partition, version = table["partition"].to_numpy(), table["version"].to_numpy()
            some = version >= self.begins[partition]
            sums.add(partition[some], version[some] // WINDOW, printed.of(table)[some])
        return sums

    def rows_in(self, stored: Stored, partition: int, window: int) -> pa.Table:
        """The wallets or orders of a window."""
        offsets = self.versions[stored.name].offsets[: self._count(stored) + 1]
        rows = np.flatnonzero((offsets >= 0) & (offsets // WINDOW == window))
        table = self.rows_of(stored, rows)
        return table.filter(arrow_numbers(table["partition"].to_numpy() == partition))

    def rows_of(self, stored: Stored, rows: NDArray[np.int64]) -> pa.Table:
        """Wallets or orders by their rows of the state, as the warehouse should have them."""
        state, laws = self.refold.state, self.refold.laws
        table = wallet_table(state, laws, rows) if stored is WALLETS else order_table(state, rows)
        return table.append_column("version", arrow_numbers(self.versions[stored.name].offsets[rows]))

    def _count(self, stored: Stored) -> int:
        return (self.refold.state.wallets if stored is WALLETS else self.refold.state.orders).count


def default(kind: Kind) -> object:
    """What is in a column that a batch leaves out."""
    return {Kind.STRING: "", Kind.CATEGORY: "", Kind.NULLABLE: None}.get(kind, 0)
