"""The projector: batches of records → journal rows in the warehouse → checkpoints.

`project` computes and `store` writes; both are functions of the log, the rules and the state as of the last batch, so
a batch that is done again, by this worker or another, gives the same rows in the same places.
"""

import logging
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.projections.deadlines import Overdue, overdue
from dompet.projections.fold import Fold
from dompet.projections.invariants import check
from dompet.projections.journal import journal_rows
from dompet.schemas.decode import Decoded, decode
from dompet.schemas.records import Records
from dompet.schemas.rules import Rulebook
from dompet.streams.dead_letters.flood_guard import FloodGuard
from dompet.streams.dead_letters.producer import DeadLetters
from dompet.streams.pipeline.checkpoints import Checkpoint, Identity, batch_checkpoints, store_checkpoints
from dompet.streams.pipeline.progress import Progress, verdict_counts
from dompet.streams.pipeline.recovery import adds_up, recover
from dompet.streams.pipeline.resuming import check_identity, check_range, last_that_holds
from dompet.streams.pipeline.sql_journal import SqlJournal
from dompet.streams.pipeline.stored_journal import StoredJournal, Tally
from dompet.streams.process.patience import Patience
from dompet.streams.proof.chains import Chains
from dompet.streams.proof.live import LiveState, live_states
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.rows import arrow_table, dead_letter_publishers, dead_letter_table, latest_tables

log = logging.getLogger("dompet.recovery")


@dataclass(frozen=True)
class Folded:
    """A batch as it will be stored."""

    decoded: Decoded
    tables: dict[str, pa.Table]  # by the warehouse's name; the journal's first
    checkpoints: list[Checkpoint]
    verdicts: NDArray[np.int64]
    """How many of its live events had each verdict, by its number."""


class Projector:
    """Folds one log into one warehouse, for the partitions that it is assigned."""

    def __init__(
        self,
        warehouse: Warehouse,
        rulebook: Rulebook,
        identity: Identity,
        dead_letters: DeadLetters,
        patience: Patience | None = None,
        guard: FloodGuard | None = None,
    ) -> None:
        self._patience = patience or Patience(0)
        self._warehouse = warehouse
        self._journal: StoredJournal = SqlJournal(warehouse)
        self._identity = identity
        self._dead_letters = dead_letters
        self._guard = guard
        self._turn = threading.Lock()
        self._generation = 0
        self._fold = Fold(rulebook)
        self._total_rows: dict[int, int] = {}
        self._folded: dict[int, int] = {}
        self._server_start = 0
        self._chains = Chains()
        self.progress = Progress()

    def assign(self, log_ends: Mapping[int, tuple[int, int]], generation: int) -> dict[int, int]:
        """Take over these partitions, of which the log holds offsets from the first number up to the second.

        Has the state as of their checkpoints and returns where each is to be read from: at or a little below its
        checkpoint, see `Chains`. Batches of an earlier generation are ignored from now on.

        The state of a partition at an offset follows from the log and the rules alone. So what this worker folded up to
        the checkpoint that is valid now is kept, whichever worker had the partition meanwhile; only the rest is
        rebuilt.
        """
        began = time.monotonic()
        with self._turn:
            self._generation = generation
            check_identity(self._journal, self._identity)
            standing = last_that_holds(self._journal, log_ends)
            checkpoints = {partition: one.checkpoint for partition, one in standing.items()}
            positions = dict.fromkeys(log_ends, 0)
            positions.update({partition: one.next_offset for partition, one in checkpoints.items()})
            for partition, (low, high) in log_ends.items():
                check_range(partition, positions[partition], low, high)
            self._total_rows = {partition: one.total_rows for partition, one in checkpoints.items()}
            tallies = {partition: one.tally for partition, one in standing.items()}
            folded, self._folded = self._folded, {}  # until all is there, the state is of no offset
            unchanged = self._unchanged(folded, positions, tallies)
            if not unchanged or any(offset and partition not in unchanged for partition, offset in folded.items()):
                # The index's seed is secret, so that nobody can craft ids that collide; no result depends on it.
                self._fold = self._fold.only(unchanged, seed=secrets.randbits(64))
            if unchanged:
                log.info("kept the state of %d partitions", len(unchanged))
            others = {partition: offset for partition, offset in positions.items() if partition not in unchanged}
            missing = {partition: tally for partition, tally in tallies.items() if partition not in unchanged}
            recover(self._journal, self._fold.laws, self._fold.state, others, missing)
            if self._guard is not None:
                self._guard.assign(self._warehouse, positions)
            newest_us = self._journal.newest_recorded_us(positions)
            self.progress.assigned(positions, newest_us, time.monotonic() - began)
            self._folded = dict(positions)
            return self._chains.assign(self._warehouse, positions, {one: low for one, (low, _) in log_ends.items()})

    def _unchanged(
        self, folded: Mapping[int, int], positions: Mapping[int, int], tallies: Mapping[int, Tally]
    ) -> list[int]:
        """The partitions whose state is that of the position where they go on; none where the server started again, for
        then what is kept beside the journal is to be looked at as well.
        """
        last, self._server_start = self._server_start, self._journal.server_start()
        if abs(last - self._server_start) > 1:
            return []
        unchanged = [partition for partition in tallies if folded.get(partition) == positions[partition]]
        return unchanged if adds_up(self._fold.state, unchanged, tallies) else []

    @property
    def wallets(self) -> int:
        """How many wallets the state holds."""
        return self._fold.state.wallets.count

    @property
    def state_rows(self) -> dict[str, int]:
        """What the state holds, by the name of its parts."""
        state = self._fold.state
        return {name: getattr(state, name).count for name in ("wallets", "orders", "references")}

    @property
    def state_bytes(self) -> int:
        """Memory reserved for it."""
        return self._fold.state.nbytes()

    def overdue(self, as_of_us: int, limit: int) -> list[Overdue]:
        """Wallets of the assigned partitions that are past a deadline, at most so many."""
        with self._turn:
            return overdue(self._fold.state, as_of_us, limit)

    def live_states(self, seed: int) -> dict[int, LiveState]:
        """Sums of the state, by partition, for comparison; nothing is folded meanwhile."""
        with self._turn:
            return live_states(self._fold.state, self._fold.laws, self._folded, seed)

    def project(self, records: Records, generation: int) -> Folded | None:
        """Decode and fold a batch into the state; None where it was read under an earlier assignment, or lies below the
        checkpoints. InvariantBroken where a wallet is not as every wallet must be, LogChanged where the log is not.
        """
        with self._turn:
            if generation != self._generation:
                return None
            fresh = self._chains.take(records)
            self.progress.read_again = self._chains.read_again
            if fresh is None:
                return None
            began = time.monotonic()
            decoded = decode(fresh)
            folds = time.monotonic()
            if self._guard is not None:
                self._guard.check(decoded)
            # Until the batch is folded whole, the state is of no offset, and nothing goes on from it.
            folded, self._folded = self._folded, {}
            self._generation = 0
            result = self._fold.apply(decoded)
            check(decoded, result)
            rows = journal_rows(decoded, result, self._fold.state, self._fold.laws)
            checkpoints = batch_checkpoints(fresh, rows, self._total_rows)
            self._folded = folded | {one.partition: one.next_offset for one in checkpoints}
            self._generation = generation
            journal = arrow_table(rows)
            latest, chain = latest_tables(journal, result), self._chains.table(fresh)
            tables = {"journal_rows": journal, **latest, "chain_rows": chain}
            self.progress.steps["decode"].add(folds - began)
            self.progress.steps["fold"].add(time.monotonic() - folds)
            return Folded(decoded, tables, checkpoints, verdict_counts(result.verdict))

    def store(self, folded: Folded) -> None:
        """Dead letters, then the journal's rows in one insert, the wallets and orders as they left them, the heads of
        the chain, and then the checkpoints that vouch for all of it.
        """
        decoded, began = folded.decoded, time.monotonic()
        if decoded.dead:
            self._patience.through(self._dead_letters.send, decoded)
            publishers = dead_letter_publishers(self._identity.topic, decoded)
            self._warehouse.insert("dead_letter_publisher_rows", publishers)
            self._warehouse.insert("dead_letter_rows", dead_letter_table(self._identity.topic, decoded))
        for name, table in folded.tables.items():
            self._warehouse.insert(name, table)
        recorded_at_us = int(decoded.records.recorded_at_us.max())
        store_checkpoints(self._warehouse, self._identity, folded.checkpoints, recorded_at_us)
        self.progress.steps["insert"].add(time.monotonic() - began)
        self.progress.stored(decoded, folded.verdicts, folded.checkpoints, recorded_at_us)
