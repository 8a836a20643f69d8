"""A run that ends: where the workers of the group, whichever holds a partition, have stored the log up to its end."""

import logging
import time
from collections.abc import Mapping
from typing import Final

from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.holes import first_records
from dompet.streams.kafka.transactions import open_transactions
from dompet.streams.pipeline.assembly import Pipeline

log = logging.getLogger("dompet.worker")

_ASK_AGAIN_S: Final = 0.5


class GroupEnd:
    """The log's end as it is now. For one thread; raises LogUnreadable, WarehouseError."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._ends = pipeline.source.ends()
        self._others: dict[int, int] = {}
        self._asked = 0.0
        self._reported_waiting = self._reported_transactions = False

    def left(self) -> int:
        """How many records before that end are not stored yet, by this worker or by another. What is behind an open
        transaction then is not there yet, and is reported.
        """
        source = self._pipeline.source
        own = source.stored()
        stored = {**self._others, **self._pipeline.projector.progress.next_offsets, **own}
        missing = {p: max(end - stored.get(p, 0), 0) for p, end in self._ends.items()}
        if any(missing[p] for p in missing if p not in own) and time.monotonic() - self._asked > _ASK_AGAIN_S:
            self._ask(stored, bool(own))
        left = sum(missing.values())
        if not left and not self._reported_transactions:
            self._reported_transactions = True
            self._report_open_transactions()
        return left

    def _ask(self, stored: Mapping[int, int], has_some: bool) -> None:
        """What other workers have stored, by their checkpoints, and that they have no record left to store."""
        pipeline = self._pipeline
        if not self._reported_waiting:
            self._reported_waiting = True
            log.info("other workers hold %s partitions; waiting for them", "some" if has_some else "all")
        found = pipeline.patient.read("SELECT partition, next_offset FROM checkpoints").to_pylist()
        others = {row["partition"]: row["next_offset"] for row in found}
        others = {p: max(others.get(p, 0), stored.get(p, 0)) for p in self._ends if p not in pipeline.source.partitions}
        spans = {p: (offset, self._ends[p]) for p, offset in others.items()}
        unread = first_records(pipeline.kafka, pipeline.settings.log_topic, spans)
        self._others = {p: unread.get(p, max(offset, self._ends[p])) for p, offset in others.items()}
        self._asked = time.monotonic()

    def _report_open_transactions(self) -> None:
        pipeline = self._pipeline
        admin = admin_client(pipeline.settings)
        for one in open_transactions(admin, pipeline.kafka, pipeline.settings.log_topic):
            log.warning("%s", one)
