"""The log as its readers take it: partitions from offsets on, in order, around whatever cannot be given.

Offsets without a record (a transaction's marker, an aborted record, what a broker left out) show only where a partition
ends behind them: `caught_up` counts them as read.
"""

from collections.abc import Generator, Mapping
from contextlib import suppress
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from dompet.schemas.records import Records
from dompet.streams.kafka.detours import Detour
from dompet.streams.kafka.faults import PLACES, LogUnavailable, Reported
from dompet.streams.kafka.messages import MessageQueue, Read

_FIRST_SHARE: Final = 8
"""The first batch of an assignment is this part of a whole one, and each full one doubles it: the fold and the
warehouse begin at once, while the log's next records are fetched, instead of waiting for a whole batch each in turn.
"""


def first_size(batch_size: int) -> int:
    """How many records the first batch has where a whole one has so many."""
    return max(batch_size // _FIRST_SHARE, 1)


class LogQueue:
    """The records of a consumer's partitions of one topic. For one thread, which also polls the consumer."""

    def __init__(
        self,
        kafka: Mapping[str, Any],
        consumer: Consumer,
        topic: str,
        partition_count: int,
        *,
        header_ids: bool = False,
    ) -> None:
        """`header_ids`: the records are to say which schema ids their headers name."""
        self._kafka = kafka
        self._consumer = consumer
        self._topic = topic
        self._partition_count = partition_count
        self._header_ids = header_ids
        self._messages = MessageQueue(consumer, topic, partition_count, header_ids=header_ids)
        self._faults: dict[int, Reported] = {}
        self._detour: tuple[Detour, Generator[Records, None, None]] | None = None
        self._holes: dict[int, tuple[int, int]] = {}

    def assign(self, positions: Mapping[int, int]) -> None:
        """Read these partitions from these offsets on, and no others."""
        self.begin(positions)
        self._consumer.assign([TopicPartition(self._topic, p, offset) for p, offset in positions.items()])

    def begin(self, positions: Mapping[int, int]) -> None:
        """The same, where the caller assigns them to the consumer, with what else it reads."""
        self.drop()
        self._messages.begin(positions)

    def drop(self) -> None:
        """Nothing more is wanted of what was assigned."""
        self._leave_detour()
        self._faults, self._holes = {}, {}

    def read(self, wanted: int, bytes_max: int, wait_s: float) -> Read:
        """What comes within the time, at most so many records, and hardly more bytes; what was reported of the group or
        of the ends of partitions. Raises LogUnreadable.
        """
        if self._detour is not None or self._faults:
            return self._read_around(bytes_max)
        found = self._messages.read(wanted, bytes_max, wait_s)
        for one in found.reported:
            if 0 <= one.partition < self._partition_count and (one.error.code() in PLACES or self._is_astray(one)):
                self._faults.setdefault(one.partition, one)
        # The library goes on behind a fault, to where it must not, and reports what it finds there.
        others = [one for one in found.reported if one.partition not in self._faults]
        for one in others:
            self._note_end(one)
        return found._replace(reported=others)

    @property
    def own_time(self) -> tuple[int, int] | None:
        """The partition and offset of the first record whose time the broker did not give; None where it gave all."""
        return self._messages.own_time

    @property
    def detours(self) -> bool:
        """Whether the next read goes around a faulty place, which may take its time."""
        return self._detour is not None or bool(self._faults)

    def caught_up(self, partition: int, stored: int) -> int:
        """Where reading goes on behind what is stored below an offset: behind offsets without a record, too."""
        begin, end = self._holes.get(partition, (0, 0))
        return end if begin <= stored < end else stored

    def close(self) -> None:
        """To be called before the consumer is closed."""
        self._leave_detour()
        self._messages.close()

    def _is_astray(self, one: Reported) -> bool:
        """Whether the library looks for a record where only a false offset can have sent it, behind the end."""
        order = self._messages.order
        astray = one.error.code() == KafkaError._AUTO_OFFSET_RESET
        return astray and order.next[one.partition] <= order.end(one.partition) < one.offset

    def _note_end(self, one: Reported) -> None:
        """A partition ends: there is no record from the one after the last up to there."""
        if one.error.code() == KafkaError._PARTITION_EOF:
            following = int(self._messages.order.next[one.partition])
            if following < one.offset:
                self._holes[one.partition] = following, one.offset

    def _read_around(self, bytes_max: int) -> Read:
        """The next of what is at a faulty place; behind it the consumer goes on."""
        if self._detour is None:
            fault = self._faults[min(self._faults)]
            begin = int(self._messages.order.next[fault.partition])
            asked = self._partition_count, fault, begin, bytes_max
            detour = Detour(self._kafka, self._topic, *asked, header_ids=self._header_ids)
            self._detour = detour, detour.records()
        detour, parts = self._detour
        try:
            part = next(parts, None)
        except LogUnavailable:  # it is gone around again from where it was left
            self._leave_detour()
            return Read(None, [], True)
        if part is not None:
            self._messages.order.next[detour.partition] = int(part.offset[-1]) + 1
            return Read(part, [], False)
        self._leave_detour()
        del self._faults[detour.partition]
        self._messages.order.begin(detour.partition, detour.end)
        with suppress(KafkaException):  # it was taken away meanwhile
            self._consumer.seek(TopicPartition(self._topic, detour.partition, detour.end))
        return Read(None, [], False)

    def _leave_detour(self) -> None:
        if self._detour is not None:
            self._detour[1].close()
            self._detour = None
