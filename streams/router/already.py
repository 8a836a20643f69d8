"""Which records of inboxes are on the log already, as its own headers say."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, KafkaException, TopicPartition

from dompet.streams.kafka.consumer import reader
from dompet.streams.kafka.faults import LogUnavailable, unreadable
from dompet.streams.kafka.origins import place_in
from dompet.streams.kafka.records import LogReader

Place = tuple[str, int]
"""The id of an inbox's topic, and a partition of it."""

_ASK_S: Final = 10.0
_EARLIER_MS: Final = 3_600_000
"""By how much the brokers' clocks may differ."""
_ALL: Final[Mapping[str, Any]] = {"isolation.level": "read_uncommitted"}
"""What others have in open transactions hides nothing: a router's own records are in none."""


def on_the_log(
    kafka: Mapping[str, Any], log: str, begins: Sequence[int], ends: Sequence[int], wanted: Mapping[Place, int]
) -> dict[Place, set[int]]:
    """The offsets, from the wanted ones on, of the records of these places that the log holds between `begins` and
    `ends` (by partition). Raises LogUnreadable.
    """
    found: dict[Place, set[int]] = {place: set() for place in wanted}
    with closing(LogReader({**kafka, **_ALL}, log)) as records:
        for partition, (begin, end) in enumerate(zip(begins, ends, strict=True)):
            low, _ = records.ends(partition)
            if max(low, begin) >= end:
                continue
            for record in records.between(partition, max(low, begin), end):
                origin = place_in(dict(record.headers))
                if origin is not None and (place := origin[:2]) in found and origin[2] >= wanted[place]:
                    found[place].add(origin[2])
    return found


def ends_before(kafka: Mapping[str, Any], log: str, log_partitions: int, topic: str, partition: int) -> tuple[int, ...]:
    """By partition of the log, an offset below which nothing of this inbox's partition is: for one of which no mark is
    there, from the time of its first record. Raises LogUnreadable.
    """
    with closing(reader(kafka, "router", _ALL)) as consumer:
        try:
            ends = [_ends(consumer, log, one)[1] for one in range(log_partitions)]
            low, high = _ends(consumer, topic, partition)
            if not high:
                return tuple(ends)
            since = _first_time_ms(consumer, TopicPartition(topic, partition, low)) - _EARLIER_MS if low < high else 0
            asked = [TopicPartition(log, one, max(since, 0)) for one in range(log_partitions)]
            offsets = {one.partition: one.offset for one in consumer.offsets_for_times(asked, timeout=_ASK_S)}
        except KafkaException as error:
            raise unreadable(f"topics {log} and {topic}", error.args[0]) from None
    return tuple(end if offsets[one] < 0 else offsets[one] for one, end in enumerate(ends))


def _ends(consumer: Consumer, topic: str, partition: int) -> tuple[int, int]:
    found = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_ASK_S)
    if found is None:
        raise LogUnavailable(f"topic {topic}, partition {partition}: the broker did not answer in time")
    return int(found[0]), int(found[1])


def _first_time_ms(consumer: Consumer, place: TopicPartition) -> int:
    """When the broker took the record there, in ms; 0 where that is not known."""
    consumer.assign([place])
    message = consumer.poll(_ASK_S)
    consumer.unassign()
    if message is None or message.error() is not None:
        return 0
    kind, time_ms = message.timestamp()
    return int(time_ms) if kind == TIMESTAMP_LOG_APPEND_TIME else 0
