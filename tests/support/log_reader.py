"""A whole topic, read by kafka-python."""

from contextlib import closing
from typing import NamedTuple

from tests.support.kafka_python import KafkaConsumer, TopicPartition, no_socket_left


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
    with no_socket_left(), closing(KafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)) as consumer:
        numbers = consumer.partitions_for_topic(topic) if only is None else [only]
        partitions = [TopicPartition(topic, number) for number in numbers]
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        ends = consumer.end_offsets(partitions)
        records: list[LogRecord] = []
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for batch in consumer.poll(timeout_ms=1000).values():
                records.extend(
                    LogRecord(r.partition, r.offset, r.key, r.value, r.timestamp, tuple(r.headers)) for r in batch
                )
        return sorted(records)
