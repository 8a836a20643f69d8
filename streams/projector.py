"""The projector: batches of records → journal rows in the warehouse → checkpoints.

`project` computes and `store` writes; both are functions of the log, the rules and the state as of the last batch, so
a batch that is done again, by this worker or another, gives the same rows in the same places.
"""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from dompet.projections.deadlines import Overdue, overdue
from dompet.projections.fold import Fold
from dompet.projections.invariants import check
from dompet.projections.journal import journal_rows
from dompet.schemas.decode import Decoded, decode
from dompet.schemas.errors import DompetError
from dompet.schemas.records import Records
from dompet.schemas.rules import Rulebook
from dompet.streams.checkpoints import (
    Checkpoint,
    Identity,
    batch_checkpoints,
    check_identity,
    last_that_holds,
    newest_recorded_us,
    store_checkpoints,
)
from dompet.streams.dead_letters import DeadLetters
from dompet.streams.recovery import recover
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.rows import arrow_table, dead_letter_table, latest_tables


class OffsetOutOfRange(DompetError):
    """The log does not hold the offset at which the journal ends."""


@dataclass(frozen=True)
class Folded:
    """A batch as it will be stored."""

    decoded: Decoded
    tables: dict[str, pa.Table]  # by the warehouse's name; the journal's first
    checkpoints: list[Checkpoint]


@dataclass
class Progress:
    """What was stored since the worker began: records in all, the next offset of each partition, and when the newest
    record of the journal was put on the log.
    """

    records: int = 0
    next_offsets: dict[int, int] = field(default_factory=dict)
    newest_recorded_us: int = 0


class Projector:
    """Folds one log into one warehouse, for the partitions that it is assigned."""

    def __init__(self, warehouse: Warehouse, rulebook: Rulebook, identity: Identity, dead_letters: DeadLetters) -> None:
        self._warehouse = warehouse
        self._rulebook = rulebook
        self._identity = identity
        self._dead_letters = dead_letters
        self._turn = threading.Lock()
        self._generation = 0
        self._fold = Fold(rulebook)
        self._total_rows: dict[int, int] = {}
        self.progress = Progress()

    def assign(self, log_ends: Mapping[int, tuple[int, int]], generation: int) -> dict[int, int]:
        """Take over these partitions, of which the log holds offsets from the first number up to the second.

        Rebuilds the state as of their checkpoints and returns where each is to be read from. Batches of an earlier
        generation are ignored from now on.
        """
        with self._turn:
            self._generation = generation
            check_identity(self._warehouse, self._identity)
            checkpoints = last_that_holds(self._warehouse, log_ends)
            positions = dict.fromkeys(log_ends, 0)
            positions.update({partition: one.next_offset for partition, one in checkpoints.items()})
            for partition, (low, high) in log_ends.items():
                _check_range(partition, positions[partition], low, high)
            self._total_rows = {partition: one.total_rows for partition, one in checkpoints.items()}
            # The index's seed is secret, so that nobody can craft ids that collide; no result depends on it.
            self._fold = Fold(self._rulebook, seed=secrets.randbits(64))
            recover(self._warehouse, self._fold.laws, self._fold.state, positions)
            self.progress.next_offsets = dict(positions)
            self.progress.newest_recorded_us = newest_recorded_us(self._warehouse, positions)
            return positions

    @property
    def wallets(self) -> int:
        """How many wallets the state holds."""
        return self._fold.state.wallets.count

    def overdue(self, as_of_us: int, limit: int) -> list[Overdue]:
        """Wallets of the assigned partitions that are past a deadline, at most so many."""
        with self._turn:
            return overdue(self._fold.state, as_of_us, limit)

    def project(self, records: Records, generation: int) -> Folded | None:
        """Decode and fold a batch into the state; None where it was read under an earlier assignment. InvariantBroken
        where a wallet is not as every wallet must be.
        """
        with self._turn:
            if generation != self._generation:
                return None
            decoded = decode(records)
            result = self._fold.apply(decoded)
            check(decoded, result)
            rows = journal_rows(decoded, result, self._fold.state, self._fold.laws)
            checkpoints = batch_checkpoints(records, rows, self._total_rows)
            journal = arrow_table(rows)
            return Folded(decoded, {"journal_rows": journal, **latest_tables(journal, result)}, checkpoints)

    def store(self, folded: Folded) -> None:
        """Dead letters, then the journal's rows in one insert, the wallets and orders as they left them, and then the
        checkpoints that vouch for all of it.
        """
        decoded = folded.decoded
        if decoded.dead:
            self._dead_letters.send(decoded)
            self._warehouse.insert("dead_letter_rows", dead_letter_table(self._identity.topic, decoded))
        for name, table in folded.tables.items():
            self._warehouse.insert(name, table)
        recorded_at_us = int(decoded.records.timestamp_us.max())
        store_checkpoints(self._warehouse, self._identity, folded.checkpoints, recorded_at_us)
        self.progress.records += len(decoded.records)
        self.progress.newest_recorded_us = max(self.progress.newest_recorded_us, recorded_at_us)
        self.progress.next_offsets.update({one.partition: one.next_offset for one in folded.checkpoints})


def _check_range(partition: int, position: int, low: int, high: int) -> None:
    if position < low:
        raise OffsetOutOfRange(
            f"partition {partition}: the journal goes on at offset {position}, but the log now begins at {low}: "
            "what lies between is gone from the log"
        )
    if position > high:
        raise OffsetOutOfRange(
            f"partition {partition}: the journal goes on at offset {position}, but the log ends at {high}: "
            "this is not the log that the journal was made from, or it was cut"
        )
