"""The log, record by record: what is at a place, and what was published again."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from dompet.schemas.records import TIMESTAMP_MS_MAX
from dompet.streams.kafka.consumer import reader
from dompet.streams.kafka.detours import Detour
from dompet.streams.kafka.faults import BEYOND, PLACES, LogUnavailable, LogUnreadable, Reported, reported_by, unreadable
from dompet.streams.kafka.order import end_of
from dompet.streams.parsing.places import Place

HEADER: Final = "dompet.redrive."
"""What the names of a redriven record's headers begin with: topic, partition, offset, by, at and action follow."""

_ASK_S: Final = 10.0
_SILENT_S: Final = 30.0
_READ_ON: Final = 2_000
"""So many records between two that are wanted are read sooner than they are skipped."""
_CHUNK: Final = 1_000
_QUEUED_KB: Final = 16_384
_log = logging.getLogger("rdkafka")


@dataclass(frozen=True)
class LogRecord:
    """A record as it is in the log."""

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
        self._kafka = kafka
        self._topic = topic
        self._consumer = reader(kafka, "redrive", {"queued.max.messages.kbytes": _QUEUED_KB}, large=True)

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
        """Where the records of these redrives are, by the action's id, from the offset `since` on."""
        _, high = self.ends(partition)
        records = self.between(partition, since, high)
        return {record.action_id: record.place for record in records if record.action_id in actions}

    def between(self, partition: int, first: int, end: int) -> Iterator[LogRecord]:
        """The records of a partition from one offset up to, not including, another, which the log must hold. Those that
        cannot be read are left out.
        """
        following = first
        try:
            while following < end:
                self._consumer.assign([TopicPartition(self._topic, partition, following)])
                for message in self._messages(partition):
                    fault, offset = self._fault(message, following), int(message.offset() or 0)
                    if fault is not None:
                        following = Detour(self._kafka, self._topic, 0, fault, following).find_end()
                        break
                    if message.error() is None and following <= offset < end:
                        yield _record(message)
                    following = max(following, offset + (message.error() is None))
                    if following >= end or message.error() is not None:
                        return
        finally:
            self._consumer.unassign()

    def _messages(self, partition: int) -> Iterator[Message]:
        """What comes, until nobody wants more; LogUnreadable where nothing does."""
        # It waits for as many as it is asked for, and there may be no more than one.
        while messages := self._consumer.consume(1, _SILENT_S):
            yield from messages + self._consumer.consume(_CHUNK, 0)
        raise LogUnreadable(f"topic {self._topic}, partition {partition}: the broker sends nothing")

    def _fault(self, message: Message, following: int) -> Reported | None:
        """What is wrong with the place where a message should be, or with its offset; LogUnreadable where it is not of
        one place, None where it is a record or reports that the partition ends.
        """
        error, partition = message.error(), int(message.partition() or 0)
        if error is None:
            beyond = int(message.offset() or 0) >= end_of(self._consumer, self._topic, partition)
            return Reported(BEYOND, partition, following) if beyond else None
        if error.code() in PLACES:
            return reported_by(message)
        if error.code() != KafkaError._PARTITION_EOF:
            raise unreadable(f"topic {self._topic}, partition {partition}", error)
        return None


@contextmanager
def reading(kafka: Mapping[str, str], topic: str) -> Iterator[LogReader]:
    """A reader of the log while the block runs."""
    with closing(LogReader(kafka, topic)) as reader:
        yield reader


def _micros(timestamp_ms: int) -> int:
    return max(min(timestamp_ms, TIMESTAMP_MS_MAX), -TIMESTAMP_MS_MAX) * 1000


def _record(message: Message) -> LogRecord:
    headers: Any = message.headers() or ()
    place = Place(int(message.partition() or 0), int(message.offset() or 0))
    return LogRecord(place, message.key(), message.value(), _micros(message.timestamp()[1]), tuple(headers))


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
