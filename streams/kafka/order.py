"""The order of what is read: of each partition every offset at most once, rising, and none that it does not have.

A broker takes a batch that is not compressed whatever offsets its records claim. A record that does not rise is left
out. One beyond the partition's end is a fault of its place, for librdkafka would go on behind the offset that it
claims, and pass over what others will write up to there.
"""

import logging
from contextlib import suppress
from typing import Final

import numpy as np
from confluent_kafka import Consumer, KafkaException, TopicPartition

from dompet.schemas.compiled import compiled
from dompet.schemas.varints import Flags, Longs
from dompet.streams.kafka.faults import BEYOND, PLACES, Reported

_ASK_S: Final = 10.0
log = logging.getLogger("dompet.source")


class Order:
    """How far each partition of a topic was read. `next` is the offset after its last record, or where it was begun."""

    def __init__(self, consumer: Consumer, topic: str, partition_count: int) -> None:
        self._consumer = consumer
        self._topic = topic
        self._limit = np.zeros(partition_count, dtype=np.int64)
        self._shut: set[int] = set()
        self.next = np.zeros(partition_count, dtype=np.int64)

    def begin(self, partition: int, offset: int) -> None:
        """Take records of a partition, from this offset on."""
        self.next[partition] = self._limit[partition] = offset
        self._shut.discard(partition)

    def shut(self, fault: Reported) -> None:
        """Take nothing more of a partition behind a fault of a place of it, until it is begun again."""
        if fault.error.code() in PLACES and 0 <= fault.partition < len(self.next):
            if fault.partition not in self._shut:
                self._limit[fault.partition] = max(fault.offset, self.next[fault.partition])
            self._shut.add(fault.partition)

    def check(self, partition: Longs, offset: Longs) -> tuple[Flags, list[Reported]]:
        """Which of these messages to take, and the faults of places behind which nothing more is taken."""
        good, following = np.ones(len(offset), dtype=np.bool_), self.next.copy()
        faults: list[Reported] = []
        if not _all_in_order(partition, offset, following, self._limit, good):
            faults = self._check_ends(partition, offset, following := self.next.copy(), good)
        self.next = following
        return good, faults

    def _check_ends(self, partition: Longs, offset: Longs, following: Longs, good: Flags) -> list[Reported]:
        """The same once it is known where the partitions end now."""
        others = np.setdiff1d(partition[~good], list(self._shut)).tolist()
        for one in others:
            self._limit[one] = self.end(one)
        limit = self._limit.copy()
        _all_in_order(partition, offset, following, self._limit, good)
        faults = []
        for one in others:
            refused = offset[~good & (partition == one)]
            if refused.max(initial=-1) >= limit[one]:
                self._shut.add(one)
                faults.append(Reported(BEYOND, one, int(self._limit[one])))
            elif len(refused):
                where = self._topic, one, int(refused[0])
                log.warning("topic %s, partition %d, offset %d: a batch has other records of the same offset", *where)
        return faults

    def end(self, partition: int) -> int:
        """Where the partition ended when its last records were fetched; −1 where it is not known."""
        return end_of(self._consumer, self._topic, partition)


def end_of(consumer: Consumer, topic: str, partition: int) -> int:
    """Where a partition ended when the consumer's last records of it were fetched; −1 where it is not known."""
    place = TopicPartition(topic, partition)
    ends = consumer.get_watermark_offsets(place, cached=True)
    if not ends or ends[1] < 0:  # a fetch that failed leaves none
        with suppress(KafkaException):
            ends = consumer.get_watermark_offsets(place, timeout=_ASK_S)
    return int(ends[1]) if ends else -1


def warm_up() -> None:
    """Load the compiled loop."""
    none = np.zeros(0, dtype=np.int64)
    _all_in_order(none, none, none, none, np.zeros(0, dtype=np.bool_))


@compiled
def _all_in_order(partition: Longs, offset: Longs, following: Longs, limit: Longs, good: Flags) -> bool:
    """Whether each message's offset is at or behind the one that follows the last one's of its partition, and below the
    limit; `good` says which ones' are, and `following` goes on with these. A message that is not below the limit makes
    it the limit that nothing of its partition follows.
    """
    all_good = True
    for row in range(len(offset)):
        one = partition[row]
        good[row] = following[one] <= offset[row] < limit[one]
        if good[row]:
            following[one] = offset[row] + 1
        else:
            all_good = False
            if offset[row] >= limit[one]:
                limit[one] = following[one]
    return all_good
