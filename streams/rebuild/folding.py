"""The log folded into a generation that is not live: the worker's own projector, bounded to the log's end."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from dompet.schemas.decode import Decoded
from dompet.schemas.errors import DompetError
from dompet.schemas.rules import Rulebook
from dompet.streams.catalogue.feed import CatalogueFeed
from dompet.streams.dead_letters.producer import DeadLetters
from dompet.streams.kafka.spans import read_log
from dompet.streams.pipeline.checkpoints import Identity
from dompet.streams.pipeline.projector import Projector
from dompet.streams.pipeline.resuming import last_that_holds
from dompet.streams.pipeline.sql_journal import SqlJournal
from dompet.streams.process.patience import Patience
from dompet.streams.rebuild.log import TheLog
from dompet.streams.terminal.console import Bar
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.patient import PatientWarehouse

_ASSIGNMENT = 1


class NotWhole(DompetError):
    """A generation does not hold what was written into it, and must not become the live one."""


class InTheTableAlone(DeadLetters):
    """The dead letters' topic got them when the log was first folded; nobody wants them twice."""

    def __init__(self) -> None:
        """No producer is needed."""

    def send(self, decoded: Decoded) -> None:
        """The projector writes them to the table, as always."""


class Folding:
    """Goes on where the generation's checkpoints say. `progress` hears how many records it holds, and will hold."""

    def __init__(
        self,
        warehouse: Warehouse,
        log: TheLog,
        rulebook: Rulebook,
        identity: Identity,
        patience: Patience,
        progress: Bar,
    ) -> None:
        self._warehouse = PatientWarehouse(warehouse, patience)
        self._patience = patience
        self._log = log
        self._progress = progress
        self._projector = Projector(self._warehouse, rulebook, identity, InTheTableAlone(), patience)
        self._positions = self._projector.assign(log.offsets(), _ASSIGNMENT)

    @property
    def records(self) -> int:
        """How many were stored by this run."""
        return self._projector.progress.records

    def to_the_end(self, batch: int, batch_bytes: int) -> None:
        """Fold what the log holds now, `batch` records at a time, and hardly more than `batch_bytes` of their keys and
        values; the next batch is folded while one is stored.
        """
        ends = {partition: end for partition, (_, end) in self._log.offsets().items()}
        spans = {partition: (self._positions[partition], end) for partition, end in ends.items()}
        self._report(ends)
        batches = read_log(self._log.kafka, self._log.topic, self._log.partition_count, spans, batch, batch_bytes)
        with ThreadPoolExecutor(1, "sink") as sink, self._ending_waits():
            storing: Future[None] | None = None
            for records in batches:
                folded = self._projector.project(records, _ASSIGNMENT)
                if storing is not None:
                    storing.result()
                    self._report(ends)
                storing = sink.submit(self._projector.store, folded) if folded is not None else None
            if storing is not None:
                storing.result()
        self._positions = dict(self._projector.progress.next_offsets)  # the log's last offsets may hold no records
        self._report(self._positions)

    @contextmanager
    def _ending_waits(self) -> Iterator[None]:
        """Where the block fails, the thread that stores does not wait for a server any longer."""
        try:
            yield
        except BaseException:
            self._patience.stop()
            raise

    def store_catalogue(self) -> None:
        """Copy the catalogue's topic as it is now."""
        feed = CatalogueFeed(self._log.kafka, self._log.catalogue, self._warehouse)
        try:
            while not feed.caught_up:
                feed.step()
        finally:
            feed.close()

    def check_whole(self) -> None:
        """NotWhole where the journal, read back, does not confirm its checkpoints up to where the log was folded."""
        standing = last_that_holds(SqlJournal(self._warehouse), self._positions)
        for partition, end in self._positions.items():
            whole = standing[partition].checkpoint.next_offset if partition in standing else 0
            if whole != end:
                raise NotWhole(
                    f"partition {partition}: the new journal is whole up to offset {whole} only, and the log was "
                    f"folded up to {end}: run `dompet rebuild` again"
                )

    def _report(self, ends: Mapping[int, int]) -> None:
        stored = self._projector.progress.next_offsets
        self._progress(sum(stored.values()), sum(max(end, stored.get(partition, 0)) for partition, end in ends.items()))
