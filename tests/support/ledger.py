"""A warehouse as commands have it, with a journal of modelled events in it."""

from collections.abc import Sequence

import numpy as np

from dompet.projections.journal import journal_rows
from dompet.schemas.decode import decode
from dompet.schemas.rules import Rulebook
from dompet.streams.pipeline.checkpoints import Identity, batch_checkpoints, store_checkpoints
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.client import OpenClient
from dompet.streams.warehouse.rows import arrow_table
from tests.support.folding import PARTITIONS, Event, Folding, Row, plain_rows, records
from tests.support.stored import store

IDENTITY = Identity("cluster", "dompet.events", PARTITIONS, "rules")


class Ledger(OpenClient):
    """A warehouse into which events are put as a worker stores them."""

    def __init__(self, warehouse: Warehouse, rulebook: Rulebook | None = None) -> None:
        super().__init__(warehouse)
        self.warehouse = warehouse
        self.rows: list[Row] = []
        self._folding = Folding(rulebook)
        self._next = np.zeros(PARTITIONS, dtype=np.int64)
        self._total_rows: dict[int, int] = {}

    def store(self, events: Sequence[Event], *, known: bool = True) -> list[Row]:
        """Fold and store one batch, every row twice; the checkpoints do not speak of it yet where it is not known."""
        batch = records(events)
        for partition in np.unique(batch.partition):
            mine = batch.partition == partition
            batch.offset[mine] = self._next[partition] + np.arange(mine.sum())
            self._next[partition] += mine.sum()
        decoded = decode(batch)
        fold = self._folding.fold
        journal = journal_rows(decoded, fold.apply(decoded), fold.state, fold.laws)
        store(self.warehouse, [arrow_table(journal)] * 2)
        checkpoints = batch_checkpoints(batch, journal, self._total_rows)
        if known:
            store_checkpoints(self.warehouse, IDENTITY, checkpoints, 0)
        rows = plain_rows(journal, len(batch))
        self.rows += rows
        return rows
