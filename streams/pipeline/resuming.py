"""What a worker makes sure of before it goes on with a journal: that it is its own, and up to where it is whole."""

import logging
import time
from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from dompet.schemas.errors import DompetError
from dompet.streams.pipeline.checkpoints import Checkpoint, Identity
from dompet.streams.pipeline.stored_journal import StoredJournal, Tally

log = logging.getLogger("dompet.recovery")

_ROWS_AT_ONCE: Final = 4_000_000
_SAY_EVERY_S: Final = 3.0


_REBUILD: Final = "`dompet rebuild` makes a new journal from the log, beside this one"
_OTHER_LOG: Final = (
    "`dompet rebuild --other-log` makes a new journal from this log, or point DOMPET_WAREHOUSE at an empty place"
)


class JournalMismatch(DompetError):
    """The journal belongs to another log, fold or rulebook than the worker's."""


def check_identity(journal: StoredJournal, identity: Identity) -> None:
    """JournalMismatch, saying how to go on, where the journal was made from another log or by other rules.

    Rules that add a period to the journal's own are the same rules for every wallet there is, as long as no credit
    was seen that lies in it.
    """
    for found in journal.makers():
        for name, what, how in (
            ("cluster_id", "Kafka cluster", _OTHER_LOG),
            ("topic", "log topic", _OTHER_LOG),
            ("partition_count", "number of partitions", _OTHER_LOG),
            ("fold_version", "version of the fold", _REBUILD),
            ("rules_digest", "rulebook (digest)", _REBUILD),
        ):
            if name == "rules_digest" and found[name] in identity.extended:
                _check_extension(journal, found[name], identity.extended[found[name]])
            elif found[name] != getattr(identity, name):
                raise JournalMismatch(
                    f"the warehouse's journal was made with {what} {found[name]}, this worker has "
                    f"{getattr(identity, name)}: {how}"
                )


def _check_extension(journal: StoredJournal, digest: str, begins_us: int) -> None:
    """JournalMismatch where a credit that was folded under the shorter rulebook lies in the period added since."""
    late = journal.credit_since(digest, begins_us)
    if late is not None:
        raise JournalMismatch(
            "the rulebook adds a period that begins before a credit the journal already has "
            f"(partition {late[0]}, offset {late[1]}): {_REBUILD}"
        )


class OffsetOutOfRange(DompetError):
    """The log does not hold the offset at which the journal ends."""


def check_range(partition: int, position: int, low: int, high: int) -> None:
    """OffsetOutOfRange where the log holds offsets from `low` up to `high`, and the journal's end is none of these."""
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


class Standing(NamedTuple):
    """A checkpoint that the journal confirms, and what the journal holds below it."""

    checkpoint: Checkpoint
    tally: Tally


def last_that_holds(journal: StoredJournal, partitions: Collection[int]) -> dict[int, Standing]:
    """The newest checkpoint of each partition that the journal confirms; none where no checkpoint holds.

    After a power loss the one may be there and the other lost: a checkpoint that the journal does not confirm
    is voided, and the one before it is tried.
    """
    holding: dict[int, Standing] = {}
    open_partitions = set(partitions)
    while open_partitions:
        candidates = journal.newest_checkpoints(open_partitions)
        held_up = _held_up(journal, candidates)
        holding |= held_up
        for one in candidates:
            if one.partition not in held_up:
                journal.void(one)
        open_partitions = {one.partition for one in candidates} - held_up.keys()
    return holding


def _held_up(journal: StoredJournal, candidates: Collection[Checkpoint]) -> dict[int, Standing]:
    """Those for which the journal has every row, and the last batch's rows are the ones that were written."""
    by_partition = {one.partition: one for one in candidates}
    found: dict[int, Standing] = {}
    progress = Progress("checking", {one.partition: one.total_rows for one in candidates})
    for group in progress.groups():
        some = [by_partition[partition] for partition in group]
        # Only a few narrow columns are read of all rows; the digest looks at the last batch alone.
        tallies, digests = journal.tallies({one.partition: one.next_offset for one in some}), journal.digests(some)
        for one in some:
            tally, digest = tallies.get(one.partition), digests.get(one.partition)
            if tally and tally.rows == one.total_rows and digest == (one.rows, one.digest):
                found[one.partition] = Standing(one, tally)
    return found


class Progress:
    """Work on a journal, some partitions at a time; logged every few seconds."""

    def __init__(self, verb: str, rows: Mapping[int, int], rows_at_once: int = _ROWS_AT_ONCE) -> None:
        self._verb = verb
        self._rows = rows
        self._at_once = rows_at_once

    def groups(self) -> Iterator[list[int]]:
        """The partitions in groups that are worked on at once: queries cost less for many rows, memory for few."""
        group: list[int] = []
        done, said = 0, time.monotonic()
        for partition in sorted(self._rows):
            group.append(partition)
            if sum(self._rows[one] for one in group) >= self._at_once or partition == max(self._rows):
                yield group
                done += sum(self._rows[one] for one in group)
                group = []
                if time.monotonic() - said >= _SAY_EVERY_S:
                    said = time.monotonic()
                    log.info("%s: %s of %s journal rows", self._verb, f"{done:,}", f"{sum(self._rows.values()):,}")
