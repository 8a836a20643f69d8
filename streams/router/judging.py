"""What of an inbox goes on the log: its owner's records that a worker would read, and nothing else."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from dompet.schemas.contracts import events_by_id
from dompet.schemas.dead import DeadRecord
from dompet.schemas.decode import Decoded, decode
from dompet.schemas.framing import framed
from dompet.schemas.limits import TIME_US_MIN
from dompet.schemas.partitions import partitions_of
from dompet.schemas.records import RawColumn, Records
from dompet.schemas.strings import Strings
from dompet.schemas.varints import Flags, Longs
from dompet.schemas.wire import HEADER_BYTES
from dompet.streams.kafka.headed import warm_up as warm_up_headed
from dompet.streams.kafka.header_ids import warm_up as warm_up_header_ids
from dompet.streams.kafka.messages import warm_up as warm_up_messages


class NotTheOwners(DeadRecord):
    """The record says that another publisher than the inbox's owner sent it."""


class NotAdmitted(DeadRecord):
    """The inbox's owner may not publish: it is suspended, or nobody knows it."""


@dataclass(frozen=True)
class Judged:
    """Records of one inbox. `rows` are those for the log, with the log's partition and the value of each."""

    records: Records
    rows: Longs
    partition: Longs
    values: Strings
    refused: Decoded
    """The others, as dead letters."""

    def without(self, which: Flags) -> "Judged":
        """Without some of the rows, which are on the log already."""
        rest = ~which
        return replace(self, rows=self.rows[rest], partition=self.partition[rest], values=self.values.take(rest))


_SUSPENDED: Final = "the publisher {} may not publish now"


def judge(publisher: str, records: Records, log_partitions: int, *, admitted: bool = True) -> Judged:
    """The records of a publisher's inbox. `admitted`: whether it may publish; else all are refused.

    What the log's worker would make a dead letter is refused here already: it never reaches the log. The partition
    where a record lay, and the time that it has, are the inbox's and not the log's: they decide nothing.
    """
    values = framed(records)
    partition = partitions_of(records.keys.strings, log_partitions)
    placed = replace(
        records,
        partition=partition.astype(np.int32),
        partition_count=log_partitions,
        timestamp_us=np.full(len(records), TIME_US_MIN),
        values=values,
    )
    decoded = decode(placed)
    dead: dict[int, DeadRecord] = dict(decoded.dead)
    if not admitted:
        dead = {row: dead.get(row) or NotAdmitted(_SUSPENDED.format(publisher)) for row in range(len(records))}
    else:
        others = np.flatnonzero(~_are_of(publisher, decoded) & (decoded.type_code != 0))
        dead |= {row: _foreign(publisher) for row in others.tolist()}
    rows = np.setdiff1d(np.arange(len(records)), np.fromiter(dead, dtype=np.int64, count=len(dead)))
    refused = replace(decoded, records=records, dead=dead)
    return Judged(records, rows, partition[rows], values.strings.take(rows), refused)


def warm_up() -> None:
    """Load the compiled loops: what takes its time is not to begin while records are on their way."""
    warm_up_messages()
    warm_up_header_ids()
    warm_up_headed()
    for schema_id in events_by_id():
        column = RawColumn.of([bytes(HEADER_BYTES)])
        places = np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
        judge("", Records(*places, column, column, 1, header_ids=np.array([schema_id])), 1)


def _are_of(publisher: str, decoded: Decoded) -> Flags:
    if "publisher_id" not in decoded.strings:
        return np.zeros(len(decoded.records), dtype=np.bool_)
    return decoded.packed("publisher_id").equals(Strings.of([publisher.encode()]).packed())


def _foreign(publisher: str) -> NotTheOwners:
    return NotTheOwners(f"publisher_id is not {publisher}, whose inbox this is")
