"""Around a place of the log that a consumer cannot give: its batch is read with more room, or passed over exactly.

librdkafka reports where such a batch begins, asks for it again and again, and does not report where it ends. That is
looked for: the first offset at which reading does not begin with this fault. What cannot be read even with more room is
listed offset by offset, so that every reader makes the same of it.
"""

import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from typing import Any, Final

import numpy as np
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from dompet.schemas.dead import Unreadable
from dompet.schemas.records import Records
from dompet.streams.kafka.consumer import UNPACKED_BYTES_MAX, reader
from dompet.streams.kafka.faults import PLACES, LogUnavailable, Reported, lasts, reported_by, unreadable
from dompet.streams.kafka.messages import CHUNK, MessageQueue
from dompet.streams.kafka.order import end_of

_WAIT_S: Final = 0.1
_SILENCE_S: Final = 20.0
_ROWS: Final = 65_536
"""Offsets that cannot be read which are given at once."""
_ONE_BATCH: Final = {
    "fetch.message.max.bytes": 1,
    "queued.min.messages": 1,
    "fetch.error.backoff.ms": 0,
    "fetch.wait.max.ms": 10,
}
"""A broker sends one batch at least; and here no more than one."""
_FIRST_BYTES: Final = 1_048_576
"""How large the first record of such a batch is taken to be."""
_WHY: Final[Mapping[int, str]] = {
    KafkaError._BAD_MSG: "the batch does not match its checksum",
    KafkaError._BAD_COMPRESSION: f"the batch cannot be unpacked: damaged, or larger than {UNPACKED_BYTES_MAX:,} bytes",
    KafkaError._NOT_IMPLEMENTED: "the batch is of a format or a compression that Kafka's client does not know",
    KafkaError.UNSUPPORTED_COMPRESSION_TYPE: "the batch is of a compression that Kafka's client does not know",
    KafkaError.MSG_SIZE_TOO_LARGE: "the batch is too large to be fetched",
    KafkaError.INVALID_MSG: "the broker finds the batch damaged",
    KafkaError.INVALID_RECORD: "the batch gives its records offsets that it does not have",
}


class Detour:
    """From the offset `begin` of a faulty batch to its end. For one thread. Raises LogUnreadable."""

    def __init__(
        self,
        kafka: Mapping[str, Any],
        topic: str,
        partition_count: int,
        fault: Reported,
        begin: int,
        bytes_max: int = 0,
        *,
        header_ids: bool = False,
    ) -> None:
        self._kafka = kafka
        self._topic = topic
        self._partition_count = partition_count
        self._fault = fault
        self._begin = begin
        self._bytes_max = bytes_max
        self._header_ids = header_ids
        self.partition = fault.partition
        self.end = begin
        """Where reading goes on; known once the first records came."""

    def records(self) -> Generator[Records, None, None]:
        """What is there: records, and after them what cannot be read."""
        self.find_end()
        following = self._begin
        with closing(reader(self._kafka, "detour", _ONE_BATCH, large=True)) as wide:
            fault = None
            for part in self._read(wide):
                if isinstance(part, Reported):
                    fault = part
                    break
                following = int(part.offset[-1]) + 1
                yield part
        if fault is not None:
            yield from self._unreadable(following, fault)

    def find_end(self) -> int:
        """The first offset behind the batch, as `end` has it from now on."""
        with closing(reader(self._kafka, "detour", _ONE_BATCH)) as narrow:
            self.end = self._end_of_batch(narrow)
        return self.end

    def _unreadable(self, begin: int, fault: Reported) -> Iterator[Records]:
        why = Unreadable(_WHY[fault.error.code()])
        for first in range(begin, self.end, _ROWS):
            offset = np.arange(first, min(first + _ROWS, self.end), dtype=np.int64)
            yield Records.of_unreadable(self.partition, offset, why, self._partition_count)

    def _read(self, client: Consumer) -> Iterator[Records | Reported]:
        """The batch's records, and last the fault behind which there are no more, if any."""
        queue = MessageQueue(client, self._topic, self._partition_count, _FIRST_BYTES, header_ids=self._header_ids)
        with closing(queue) as messages:
            messages.begin({self.partition: self._begin})
            client.assign([TopicPartition(self._topic, self.partition, self._begin)])
            heard = time.monotonic()
            while messages.order.next[self.partition] < self.end:
                message = client.poll(0)
                part, reported, _ = messages.read(CHUNK, self._bytes_max, _WAIT_S)
                if message is not None:
                    reported.insert(0, reported_by(message))
                if part is not None:
                    heard = time.monotonic()
                    within = np.flatnonzero(part.offset < self.end)
                    if len(within):
                        yield part.take(within)
                if fault := next((one for one in reported if one.error.code() in PLACES), None):
                    yield fault
                    return
                for one in reported:
                    if one.error.code() == KafkaError._PARTITION_EOF:
                        return
                    self._check(one.error)
                self._check_silence(heard)

    def _end_of_batch(self, client: Consumer) -> int:
        """The first offset behind the batch."""
        last = self._log_end(client)
        if not self._is_within(client, self._begin):
            return self._begin
        bad, step = self._begin, 1
        while self._is_within(client, good := min(bad + step, last)):
            bad, step = good, 2 * step
        while good - bad > 1:
            middle = (bad + good) // 2
            if self._is_within(client, middle):
                bad = middle
            else:
                good = middle
        return good

    def _is_within(self, client: Consumer, offset: int) -> bool:
        """Whether reading from this offset on begins with the same fault."""
        first = self._first(client, offset)
        if (error := first.error()) is None:
            return int(first.offset() or 0) >= end_of(client, self._topic, self.partition)
        if error.code() == KafkaError.INVALID_MSG:  # the broker's own; it does not say where the batch begins
            return True
        return error.code() in PLACES and first.offset() == self._fault.offset

    def _first(self, client: Consumer, offset: int) -> Message:
        """What comes first from this offset on: a record, a fault of a place, or the end."""
        client.assign([TopicPartition(self._topic, self.partition, offset)])
        asked = time.monotonic()
        while True:
            message = client.poll(_WAIT_S)
            if message is not None:
                error = message.error()
                if error is None or error.code() in PLACES or error.code() == KafkaError._PARTITION_EOF:
                    return message
                self._check(error)
            self._check_silence(asked)

    def _log_end(self, client: Consumer) -> int:
        """Where the partition ends, as far as its records are settled."""
        try:
            ends = client.get_watermark_offsets(TopicPartition(self._topic, self.partition), timeout=_SILENCE_S)
        except KafkaException as error:
            raise unreadable(self._where, error.args[0]) from None
        if ends is None:
            raise LogUnavailable(f"{self._where}: the broker did not answer in time")
        return int(ends[1])

    def _check(self, error: KafkaError) -> None:
        if lasts(error):
            raise unreadable(self._where, error)

    def _check_silence(self, since: float) -> None:
        if time.monotonic() - since > _SILENCE_S:
            raise LogUnavailable(f"{self._where}: the broker sent nothing for {_SILENCE_S:.0f} s")

    @property
    def _where(self) -> str:
        return f"topic {self._topic}, partition {self.partition}"
