"""Rounds: what was judged → messages for the log, those of each partition of an inbox with the headers of their own."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dompet.schemas.records import Records
from dompet.streams.kafka.headed import HeadedBatch, Headers
from dompet.streams.kafka.origins import OFFSET, InboxPlace
from dompet.streams.router.inboxes import Inbox
from dompet.streams.router.judging import Judged
from dompet.streams.router.offsets import Part


@dataclass
class Round:
    """What is on its way."""

    judged: list[tuple[Inbox, Judged]]
    following: dict[Part, int]
    """By partition, the offset behind its last record of the round."""


def batches_of(inbox: Inbox, judged: Judged) -> Iterator[HeadedBatch]:
    """The messages, in the inbox's order."""
    partition, offset = judged.records.partition[judged.rows], judged.records.offset[judged.rows]
    keys = judged.records.keys.strings.take(judged.rows)
    for one in np.unique(partition).tolist():
        rows = np.flatnonzero(partition == one)
        headers = InboxPlace(inbox.publisher, inbox.topic, inbox.topic_id, one).headers()
        columns = judged.partition[rows], keys.take(rows), judged.values.take(rows)
        yield HeadedBatch.of(*columns, Headers(headers, OFFSET), offset[rows])


def following_of(inbox: Inbox, records: Records) -> Iterator[tuple[Part, int]]:
    """By partition, the offset behind its last record."""
    for partition in np.unique(records.partition).tolist():
        yield (inbox, partition), int(records.offset[records.partition == partition][-1]) + 1
