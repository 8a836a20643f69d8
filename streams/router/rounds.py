"""What was judged → messages for the log, those of each partition of an inbox with the headers of their own."""

from collections.abc import Iterator

import numpy as np

from dompet.streams.kafka.headed import HeadedBatch, Headers
from dompet.streams.kafka.origins import OFFSET, InboxPlace
from dompet.streams.router.inboxes import Inbox
from dompet.streams.router.judging import Judged


def batches_of(inbox: Inbox, judged: Judged) -> Iterator[HeadedBatch]:
    """The messages, in the inbox's order."""
    partition, offset = judged.records.partition[judged.rows], judged.records.offset[judged.rows]
    keys = judged.records.keys.strings.take(judged.rows)
    for one in np.unique(partition).tolist():
        rows = np.flatnonzero(partition == one)
        headers = InboxPlace(inbox.publisher, inbox.topic, inbox.topic_id, one).headers()
        columns = judged.partition[rows], keys.take(rows), judged.values.take(rows)
        yield HeadedBatch.of(*columns, Headers(headers, OFFSET), offset[rows])
