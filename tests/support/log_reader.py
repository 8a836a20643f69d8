"""A whole topic, read by librdkafka's own consumer."""

from contextlib import closing
from typing import Any, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

_LIMIT_S = 30


class LogRecord(NamedTuple):
    """A record as it stands on the topic."""

    partition: int
    offset: int
    key: bytes
    value: bytes
    timestamp_ms: int = 0
    headers: tuple[tuple[str, bytes], ...] = ()


def read_log(kafka: str, topic: str, only: int | None = None) -> list[LogRecord]:
    """Every record that `topic` holds now, or that one partition of it does, by partition and offset."""
    config = {
        "bootstrap.servers": kafka,
        "group.id": "reads",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "isolation.level": "read_uncommitted",
    }
    with closing(Consumer(config)) as consumer:
        numbers = consumer.list_topics(topic, _LIMIT_S).topics[topic].partitions if only is None else [only]
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in numbers])
        unread = set(numbers)
        records: list[LogRecord] = []
        while unread:
            found = consumer.poll(_LIMIT_S)
            assert found is not None, f"{topic} does not answer"
            if (error := found.error()) is not None:
                assert error.code() == KafkaError._PARTITION_EOF, error.str()
                unread.discard(found.partition())
                continue
            headers: Any = tuple(found.headers() or ())
            content: Any = (found.partition(), found.offset(), found.key(), found.value(), found.timestamp()[1])
            records.append(LogRecord._make((*content, headers)))
        return sorted(records, key=lambda one: one[:2])
