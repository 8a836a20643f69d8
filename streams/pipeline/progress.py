"""What a worker has done since it began: counted once a batch."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from dompet.projections.vocabulary import Outcome, Verdict
from dompet.schemas.dead import DeadRecord
from dompet.streams.metrics.declaration import STEPS
from dompet.streams.metrics.recording import Times, times_of
from dompet.streams.pipeline.checkpoints import Checkpoint

if TYPE_CHECKING:
    from dompet.schemas.decode import Decoded


_REASONS: Final = tuple(one.__name__ for one in DeadRecord.__subclasses__())


def verdict_counts(verdicts: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How many of a batch's live events had each verdict, by its number."""
    return np.bincount(verdicts, minlength=len(Verdict)).astype(np.int64)


@dataclass
class Progress:
    """What was stored since the worker began: records in all, of them rejected events and dead letters, the next offset
    of each partition, and when the newest record of the journal was put on the log. `read_again` counts what was read
    below the checkpoints, for the chain.
    """

    records: int = 0
    batches: int = 0
    dead: int = 0
    read_again: int = 0
    next_offsets: dict[int, int] = field(default_factory=dict)
    newest_recorded_us: int = 0
    verdicts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Verdict), np.int64))
    """Of live events, by the verdict's number."""
    dead_reasons: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_REASONS, 0))
    steps: dict[str, Times] = field(default_factory=lambda: {one: times_of("dompet_batch_seconds") for one in STEPS})
    """Each is written by the thread of its step."""
    recoveries: Times = field(default_factory=lambda: times_of("dompet_recovery_seconds"))
    moved_s: dict[int, float] = field(default_factory=dict)
    """By assigned partition, when its checkpoint was stored or the partition was assigned, by the monotonic clock."""

    @property
    def rejected(self) -> int:
        """Of the live events."""
        return int(self.verdicts[Verdict.DUPLICATE.value + 1 :].sum())

    def outcomes(self) -> dict[str, int]:
        """How many records ended how."""
        ended = {Outcome.DEAD: self.dead, Outcome.REJECTED: self.rejected}
        ended |= {one.outcome: int(self.verdicts[one.value]) for one in (Verdict.ACCEPTED, Verdict.DUPLICATE)}
        return {one.name.lower(): ended[one] for one in Outcome}

    def assigned(self, positions: dict[int, int], newest_recorded_us: int, seconds: float) -> None:
        """The state of these partitions is there, after so many seconds; they are read from these offsets on."""
        self.next_offsets = dict(positions)
        self.newest_recorded_us = newest_recorded_us
        self.recoveries.add(seconds)
        self.moved_s = dict.fromkeys(positions, time.monotonic())

    def stored(
        self, decoded: "Decoded", verdicts: NDArray[np.int64], checkpoints: Iterable[Checkpoint], recorded_at_us: int
    ) -> None:
        """A batch is stored, with its checkpoints; its newest record was put on the log at this moment."""
        self.records += len(decoded.records)
        self.batches += 1
        self.dead += len(decoded.dead)
        self.verdicts += verdicts
        for fault in decoded.dead.values():
            self.dead_reasons[type(fault).__name__] += 1
        self.newest_recorded_us = max(self.newest_recorded_us, recorded_at_us)
        now = time.monotonic()
        for one in checkpoints:
            self.next_offsets[one.partition] = one.next_offset
            self.moved_s[one.partition] = now
