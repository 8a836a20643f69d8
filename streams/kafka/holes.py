"""Where the log holds no records: offsets of transactions' markers, of aborted records, of what a broker left out."""

import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Final

from confluent_kafka import Message, TopicPartition

from dompet.streams.kafka.consumer import reader
from dompet.streams.kafka.faults import PLACES

_WAIT_S: Final = 0.1
_LIMIT_S: Final = 10.0
_FEW: Final = {"queued.max.messages.kbytes": 1_024, "queued.min.messages": 1, "fetch.wait.max.ms": 50}


def first_records(kafka: Mapping[str, Any], topic: str, spans: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """By partition, of those that have one: the first offset of a record, readable or not, within a span (from its
    begin up to, not including, its end). A partition of which nothing was heard in time has one at its begin.
    """
    open_spans = {partition: span for partition, span in spans.items() if span[0] < span[1]}
    found = {partition: begin for partition, (begin, _) in open_spans.items()}
    if not open_spans:
        return {}
    with closing(reader(kafka, "holes", _FEW)) as consumer:
        consumer.assign([TopicPartition(topic, partition, begin) for partition, begin in found.items()])
        deadline = time.monotonic() + _LIMIT_S
        while open_spans and time.monotonic() < deadline:
            message = consumer.poll(_WAIT_S)
            if message is not None and (partition := message.partition()) in open_spans:
                _, end = open_spans[partition]
                if (offset := _offset(message, end)) is not None:
                    del open_spans[partition]
                    found[partition] = offset
    return {partition: offset for partition, offset in found.items() if offset < spans[partition][1]}


def _offset(message: Message, end: int) -> int | None:
    """The first offset of a record; `end` where there is none before, None where the message does not say."""
    error = message.error()
    if error is None:
        return int(message.offset() or 0)
    if error.code() in PLACES:
        return max(int(message.offset() or 0), 0)
    return end if error.code() == error._PARTITION_EOF else None
