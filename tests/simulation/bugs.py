"""Bugs to plant: each replaces one step of a sound worker, and the simulation must find it."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from dompet.streams.pipeline.projector import Projector
from dompet.streams.pipeline.stored_journal import Kind, StoredJournal, Tally
from tests.simulation.memory_journal import MemoryJournal
from tests.simulation.storage import Insert, Storage


class Sound:
    """No bug: the product as it is."""

    projector: type[Projector] = Projector

    def journal(self, storage: Storage) -> StoredJournal:
        """What recovery asks."""
        return MemoryJournal(storage)

    def batch(self, inserts: list[Insert]) -> list[Insert]:
        """A batch's inserts in their order."""
        return inserts

    def retried(self, insert: Insert) -> Insert:
        """What is inserted after a time-out."""
        return insert

    def gives_up(self, *, happened: bool) -> bool:
        """Whether the batch is dropped after a time-out."""
        return False


class CheckpointFirst(Sound):
    """A checkpoint written before the insert."""

    def batch(self, inserts: list[Insert]) -> list[Insert]:
        return [inserts[-1], *inserts[:-1]]


class RowsAbove(Sound):
    """State recovered from rows above the checkpoint."""

    def journal(self, storage: Storage) -> StoredJournal:
        return _Above(storage)


class _Above(MemoryJournal):
    def tallies(self, below: Mapping[int, int]) -> dict[int, Tally]:
        rows = super().tallies(below)
        return {p: Tally(rows[p].rows, one.steps, one.money) for p, one in super().tallies(_all(rows)).items()}

    def last_places(self, kind: Kind, below: Mapping[int, int]) -> pa.Table:
        return super().last_places(kind, _all(below))

    def references(self, below: Mapping[int, int]) -> pa.Table:
        return super().references(_all(below))

    def steps(self, below: Mapping[int, int]) -> int:
        return super().steps(_all(below))


def _all(below: Mapping[int, Any]) -> dict[int, int]:
    return dict.fromkeys(below, 2**40)


class NoReferences(Sound):
    """References not recovered."""

    def journal(self, storage: Storage) -> StoredJournal:
        return _WithoutReferences(storage)


class _WithoutReferences(MemoryJournal):
    def references(self, below: Mapping[int, int]) -> pa.Table:
        return super().references(below).slice(0, 0)


class OtherRows(Sound):
    """An insert retried with other rows."""

    def retried(self, insert: Insert) -> Insert:
        return Insert(insert.table, insert.rows[1:] if insert.table == "journal_rows" else insert.rows)


class _Keeping(Projector):
    _kept: frozenset[int] = frozenset()

    def assign(self, log_ends: Mapping[int, tuple[int, int]], generation: int) -> dict[int, int]:
        fold = self._fold
        positions = super().assign(log_ends, generation)
        if self._kept.issuperset(log_ends):
            self._fold = fold
        else:
            self._kept = frozenset(log_ends)
        return positions


class PartitionKept(Sound):
    """A partition kept after revocation.

    Its state is not rebuilt when it comes back, though another worker went on with it meanwhile.
    """

    projector = _Keeping


class _Unwary(Projector):
    def _unchanged(
        self, folded: Mapping[int, int], positions: Mapping[int, int], tallies: Mapping[int, Tally]
    ) -> list[int]:
        return [partition for partition in tallies if folded.get(partition)]


class StateAhead(Sound):
    """State kept though the checkpoint is elsewhere."""

    projector = _Unwary


class _Trusting(Projector):
    def _unchanged(
        self, folded: Mapping[int, int], positions: Mapping[int, int], tallies: Mapping[int, Tally]
    ) -> list[int]:
        self._server_start = self._journal.server_start()
        return super()._unchanged(folded, positions, tallies)


class AllKept(Sound):
    """State kept though the warehouse started again."""

    projector = _Trusting


class BatchDropped(Sound):
    """A batch dropped on a time-out that had succeeded."""

    def gives_up(self, *, happened: bool) -> bool:
        return happened


BUGS: dict[str, type[Sound]] = {
    one.__doc__.splitlines()[0].rstrip("."): one
    for one in (CheckpointFirst, RowsAbove, NoReferences, OtherRows, PartitionKept, StateAhead, AllKept, BatchDropped)
    if one.__doc__
}
"""By what they are, in a few words."""
