"""A run that ends: where the workers of the group, whichever holds a partition, have stored the log up to its end."""

import logging
import time
from typing import Final

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
        self._said = False

    def left(self) -> int:
        """How many records before that end are not stored yet, by this worker or by another."""
        own = self._pipeline.source.partitions
        stored = {**self._others, **self._pipeline.projector.progress.next_offsets}
        missing = {p: max(end - stored.get(p, 0), 0) for p, end in self._ends.items()}
        if any(missing[p] for p in missing if p not in own) and time.monotonic() - self._asked > _ASK_AGAIN_S:
            self._ask(bool(own))
        return sum(missing.values())

    def _ask(self, has_some: bool) -> None:
        """What other workers have stored, by their checkpoints."""
        if not self._said:
            self._said = True
            log.info("other workers hold %s partitions; waiting for them", "some" if has_some else "all")
        found = self._pipeline.patient.read("SELECT partition, next_offset FROM checkpoints").to_pylist()
        self._others = {row["partition"]: row["next_offset"] for row in found}
        self._asked = time.monotonic()
