"""A worker of the simulation: the product's projector, its inserts taken apart into steps."""

from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol

import pyarrow as pa

from dompet.schemas.decode import Decoded
from dompet.schemas.records import Records
from dompet.schemas.rules import read_rules
from dompet.streams.pipeline.checkpoints import Identity
from dompet.streams.pipeline.projector import Projector
from dompet.streams.pipeline.stored_journal import StoredJournal
from tests.simulation.histories import PARTITIONS, History
from tests.simulation.storage import Insert, Storage, insert_of

RULES = read_rules()
IDENTITY = Identity("cluster", "log", PARTITIONS, RULES.digest())


class Outbox:
    """Stands for the warehouse that a projector writes to: takes note of its inserts, in order."""

    def __init__(self) -> None:
        self.inserts: list[Insert] = []

    def insert(self, table: str, rows: pa.Table) -> None:
        self.inserts.append(insert_of(table, rows))

    def read(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """What the chain asks for at an assignment: no head is known (it has tests of its own)."""
        names = {"partition": pa.int32(), "segment": pa.int64(), "next_offset": pa.int64(), "records": pa.int64()}
        return pa.table(
            {**{name: pa.array([], kind) for name, kind in names.items()}, "head": pa.array([], pa.string())}
        )


class Letters:
    """Stands for the dead-letter topic."""

    def send(self, decoded: Decoded) -> None:
        """The table alone is looked at."""


class Bugs(Protocol):
    """Where a planted bug can sit: what a sound worker has there is in `Sound`."""

    projector: type[Projector]

    def journal(self, storage: Storage) -> StoredJournal: ...

    def batch(self, inserts: list[Insert]) -> list[Insert]: ...

    def retried(self, insert: Insert) -> Insert: ...

    def gives_up(self, *, happened: bool) -> bool: ...


class Worker:
    """A member of the group: what it was assigned, what it has read, and the batches that it has not stored yet."""

    def __init__(self, storage: Storage, bugs: Bugs) -> None:
        self._outbox = Outbox()
        outbox: Any = self._outbox
        letters: Any = Letters()
        self.projector = bugs.projector(outbox, RULES, IDENTITY, letters)
        self.projector._journal = bugs.journal(storage)
        self._bugs = bugs
        self._generation = 0
        self._read: deque[tuple[Records, int]] = deque()
        self._batches: deque[deque[Insert]] = deque()
        self.pending: list[int] | None = None
        self.positions: dict[int, int] = {}
        self.retrying = False

    def revoke(self, partitions: list[int]) -> None:
        """Partitions are taken away, and these will be assigned."""
        self.positions, self.pending = {}, partitions
        self._generation += 1

    def assign(self, history: History) -> None:
        """Take over the partitions that are pending."""
        partitions, self.pending = self.pending or [], None
        self._generation += 1
        ends = {partition: (0, history.ends[partition]) for partition in partitions}
        self.positions = dict(self.projector.assign(ends, self._generation))

    def read(self, history: History, size: int) -> None:
        """Read the next records of each partition."""
        records = history.read(self.positions, size)
        if records is not None:
            self.positions = {p: min(o + size, history.ends[p]) for p, o in self.positions.items()}
            self._read.append((records, self._generation))

    def project(self) -> None:
        """Fold what was read first, and line its inserts up."""
        if self._read:
            folded = self.projector.project(*self._read.popleft())
            if folded is not None:
                self._outbox.inserts = []
                self.projector.store(folded)
                self._batches.append(deque(self._bugs.batch(self._outbox.inserts)))

    @property
    def next_insert(self) -> Insert | None:
        """The one to do now."""
        if not self._batches:
            return None
        first = self._batches[0][0]
        return self._bugs.retried(first) if self.retrying else first

    def done(self) -> None:
        """It was acknowledged."""
        self.retrying = False
        self._batches[0].popleft()
        if not self._batches[0]:
            self._batches.popleft()

    def timed_out(self, *, happened: bool) -> None:
        """It was not acknowledged: it is done again."""
        self.retrying = True
        if self._bugs.gives_up(happened=happened):
            self.retrying = False
            self._batches.popleft()

    def idle(self, history: History) -> bool:
        """Whether everything that it was assigned is read and stored."""
        at_end = all(offset == history.ends[partition] for partition, offset in self.positions.items())
        return self.pending is None and not self._read and not self._batches and at_end
