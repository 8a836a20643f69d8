"""The log, record by record: what stands at a place, what was published again, and publishing itself."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicPartition

from dompet.streams.kafka.consumer import reader
from dompet.streams.kafka.faults import LogUnavailable, LogUnreadable, unreadable
from dompet.streams.kafka.producer import event_producer
from dompet.streams.parsing.places import Place

HEADER: Final = "dompet.redrive."
"""What the names of a redriven record's headers begin with: topic, partition, offset, by, at and action follow."""

_ASK_S: Final = 10.0
_SILENT_S: Final = 30.0
_READ_ON: Final = 2_000
"""So many records between two that are wanted are read sooner than they are skipped."""
_CHUNK: Final = 1_000
_DELIVERY_S: Final = 30
_log = logging.getLogger("rdkafka")


@dataclass(frozen=True)
class LogRecord:
    """A record as it stands in the log."""

    place: Place
    key: bytes | None
    value: bytes | None
    timestamp_us: int
    headers: tuple[tuple[str, bytes | None], ...]

    @property
    def action_id(self) -> str:
        """The redrive that published it; empty where it was none."""
        found = dict(self.headers).get(f"{HEADER}action")
        return found.decode("utf-8", "replace") if found else ""


class LogReader:
    """Reads the log `topic`; DompetError where it does not answer."""

    def __init__(self, kafka: Mapping[str, str], topic: str) -> None:
        self._topic = topic
        self._consumer = reader(kafka, "redrive")

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()

    def ends(self, partition: int) -> tuple[int, int]:
        """The first offset that a partition holds, and the one after its last."""
        try:
            found = self._consumer.get_watermark_offsets(TopicPartition(self._topic, partition), timeout=_ASK_S)
        except KafkaException as error:
            raise unreadable(f"topic {self._topic}, partition {partition}", error.args[0]) from None
        if found is None:
            raise LogUnavailable(f"topic {self._topic}, partition {partition}: the broker did not answer in time")
        return int(found[0]), int(found[1])

    def partition_count(self) -> int:
        """How many partitions the log has; LogUnreadable where there is no such topic."""
        try:
            topic = self._consumer.list_topics(self._topic, timeout=_ASK_S).topics[self._topic]
        except KafkaException as error:
            raise unreadable("the Kafka broker cannot be reached", error.args[0]) from None
        if topic.error is not None:
            raise LogUnreadable(f"topic {self._topic}: {topic.error.str()}")
        return len(topic.partitions)

    def at(self, places: Iterable[Place]) -> dict[Place, LogRecord]:
        """The records at these places; those that the log does not hold any more are left out."""
        wanted: dict[int, set[int]] = {}
        for place in places:
            wanted.setdefault(place.partition, set()).add(place.offset)
        found: dict[Place, LogRecord] = {}
        for partition, offsets in wanted.items():
            low, high = self.ends(partition)
            for part in _near(sorted(one for one in offsets if low <= one < high)):
                held = set(part)
                for record in self.between(partition, part[0], part[-1] + 1):
                    if record.place.offset in held:
                        found[record.place] = record
        return found

    def redriven(self, partition: int, since: int, actions: Collection[str]) -> dict[str, Place]:
        """Where the records of these redrives stand, by the action's id, from the offset `since` on."""
        _, high = self.ends(partition)
        records = self.between(partition, since, high)
        return {record.action_id: record.place for record in records if record.action_id in actions}

    def between(self, partition: int, first: int, end: int) -> Iterator[LogRecord]:
        """The records of a partition from one offset up to, not including, another, which the log must hold."""
        if first >= end:
            return
        self._consumer.assign([TopicPartition(self._topic, partition, first)])
        try:
            while True:
                # It waits for as many as it is asked for, and there may be no more than one.
                messages = self._consumer.consume(1, _SILENT_S)
                if not messages:
                    raise LogUnreadable(f"topic {self._topic}, partition {partition}: the broker sends nothing")
                for message in messages + self._consumer.consume(_CHUNK, 0):
                    ended, offset = self._ends(message), int(message.offset() or 0)
                    if not ended and offset < end:
                        yield _record(message)
                    if offset + (not ended) >= end:
                        return
        finally:
            self._consumer.unassign()

    def _ends(self, message: Message) -> bool:
        """Whether it is no record, but tells that the partition ends there; LogUnreadable for what tells of a fault."""
        error = message.error()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            raise unreadable(f"topic {self._topic}, partition {message.partition()}", error)
        return error is not None


@contextmanager
def reading(kafka: Mapping[str, str], topic: str) -> Iterator[LogReader]:
    """A reader of the log while the block runs."""
    with closing(LogReader(kafka, topic)) as reader:
        yield reader


def _record(message: Message) -> LogRecord:
    headers: Any = message.headers() or ()
    place = Place(int(message.partition() or 0), int(message.offset() or 0))
    return LogRecord(place, message.key(), message.value(), message.timestamp()[1] * 1000, tuple(headers))


def _near(offsets: list[int]) -> Iterator[list[int]]:
    """Sorted offsets in groups that are read in one go."""
    part: list[int] = []
    for offset in offsets:
        if part and offset - part[-1] > _READ_ON:
            yield part
            part = []
        part.append(offset)
    if part:
        yield part


@dataclass(frozen=True)
class Publication:
    """A record to publish into a partition of the log, with the id of the action that publishes it."""

    action_id: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def publish(kafka: Mapping[str, str], topic: str, records: Sequence[Publication]) -> tuple[dict[str, int], str]:
    """Publish records, in order; their offsets by action, of those that were acknowledged, and why others were not,
    empty where all were. Those may stand in the log all the same.
    """
    own = {"delivery.timeout.ms": _DELIVERY_S * 1000, "client.id": "dompet-redrive", "message.max.bytes": 1_000_000_000}
    others = {name: value for name, value in kafka.items() if name != "bootstrap.servers"}
    producer = event_producer(kafka["bootstrap.servers"], others, _log, **own)
    offsets: dict[str, int] = {}
    refused: list[str] = []

    for record in records:

        def told(error: KafkaError | None, message: Message, action_id: str = record.action_id) -> None:
            if error is None:
                offsets[action_id] = int(message.offset() or 0)
            else:
                refused.append(error.str())

        _produce(producer, topic, record, told)
        if refused:
            break  # what follows of the same person must not come before it
    if producer.flush(_DELIVERY_S + 5):
        refused.append("the broker did not answer in time")
    return offsets, refused[0] if refused else ""


def _produce(producer: Producer, topic: str, record: Publication, told: Any) -> None:
    headers: list[tuple[str, str | bytes | None]] = list(record.headers)
    while True:
        try:
            producer.produce(topic, record.value, record.key, record.partition, on_delivery=told, headers=headers)
            producer.poll(0)
            return
        except BufferError:
            producer.poll(0.1)
