"""The log read again: spans of its partitions, in batches, without joining the workers' consumer group."""

import queue
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import numpy as np
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from dompet.schemas.records import Records
from dompet.streams.kafka.consumer import FETCHING, reader
from dompet.streams.kafka.faults import LogUnreadable, Reported, reported_by
from dompet.streams.kafka.log_queue import LogQueue, first_size

Spans = Mapping[int, tuple[int, int]]
"""By partition: the first offset to be read, and the one after the last."""

_WAIT_S: Final = 0.1
_SILENCE_S: Final = 30.0
_AHEAD: Final = 2


def read_log(
    kafka: Mapping[str, Any], topic: str, partition_count: int, spans: Spans, size: int, bytes_max: int
) -> Iterator[Records]:
    """The records of the spans, at most `size` at a time, and hardly more than `bytes_max` of keys and values, by
    partition in the log's order.

    The next batch is read while this one is worked on. Raises LogUnreadable where the broker does not answer or no
    longer holds what is asked for.
    """
    log = _Reader(kafka, topic, partition_count, spans, size, bytes_max)
    ready: queue.Queue[Records | BaseException | None] = queue.Queue(_AHEAD)
    over = threading.Event()

    def read() -> None:
        try:
            for batch in log.batches():
                _put(ready, batch, over)
                if over.is_set():
                    return
            _put(ready, None, over)
        except Exception as error:  # noqa: BLE001  (raised below, in the thread that asked)
            _put(ready, error, over)

    thread = threading.Thread(target=read, name="reads the log")
    thread.start()
    try:
        while (batch := ready.get()) is not None:
            if isinstance(batch, BaseException):
                raise batch
            yield batch
    finally:
        over.set()
        thread.join()
        log.close()


def _put(ready: "queue.Queue[Any]", item: object, over: threading.Event) -> None:
    while not over.is_set():
        with suppress(queue.Full):
            ready.put(item, timeout=_WAIT_S)
            return


class _Reader:
    """A consumer of its own, assigned to the spans by hand."""

    def __init__(
        self, kafka: Mapping[str, Any], topic: str, partition_count: int, spans: Spans, size: int, bytes_max: int
    ) -> None:
        self._topic = topic
        self._size = size
        self._bytes_max = bytes_max
        self._ends = {partition: end for partition, (begin, end) in spans.items() if begin < end}
        self._limits = np.zeros(partition_count, dtype=np.int64)
        self._limits[list(self._ends)] = list(self._ends.values())
        self._consumer = reader(kafka, "proof", FETCHING)
        self._log = LogQueue(kafka, self._consumer, topic, partition_count)
        self._log.assign({partition: spans[partition][0] for partition in self._ends})

    def batches(self) -> Iterator[Records]:
        """All batches, in order; the first are smaller, so that what is done with them begins at once."""
        heard, wanted = time.monotonic(), first_size(self._size)
        while self._ends:
            parts: list[Records] = []
            size, room, began = 0, self._bytes_max, time.monotonic()
            while self._ends and size < wanted and room > 0 and time.monotonic() - began < 1:
                part = self._part(wanted - size, room)
                if part is not None:
                    parts.append(part)
                    size, room = size + len(part), room - part.nbytes
                elif parts:
                    break
            if parts:
                heard, wanted = time.monotonic(), min(2 * wanted, self._size)
                yield Records.concatenated(parts)
            elif self._ends and time.monotonic() - heard > _SILENCE_S:
                partition = min(self._ends)
                raise LogUnreadable(
                    f"topic {self._topic}, partition {partition}: the broker sent nothing for {_SILENCE_S:.0f} s"
                )

    def close(self) -> None:
        """Leave the broker."""
        self._log.close()
        self._consumer.close()

    def _part(self, wanted: int, room: int) -> Records | None:
        """What comes next, without what lies beyond the spans; None where nothing does."""
        if (message := self._consumer.poll(0)) is not None:
            self._heed(reported_by(message))
        part, reported, _ = self._log.read(wanted, room, _WAIT_S)
        for one in reported:
            self._heed(one)
        if part is None:
            return None
        within = part.offset < self._limits[part.partition]
        last = part.offset + 1 >= self._limits[part.partition]
        for partition in np.unique(part.partition[last]).tolist():
            self._read_to_end(partition)
        if within.all():
            return part
        return part.take(np.flatnonzero(within)) if within.any() else None

    def _heed(self, reported: Reported) -> None:
        match reported.error.code():
            case KafkaError._PARTITION_EOF:
                self._read_to_end(reported.partition)
            case KafkaError._AUTO_OFFSET_RESET:
                raise LogUnreadable(f"topic {self._topic}, partition {reported.partition}: {reported.error.str()}")
            case _ if reported.error.fatal():
                raise LogUnreadable(f"topic {self._topic}: {reported.error.str()}")

    def _read_to_end(self, partition: int) -> None:
        """Nothing more is wanted of a partition."""
        if self._ends.pop(partition, None) is not None:
            with suppress(KafkaException):
                self._consumer.pause([TopicPartition(self._topic, partition)])
