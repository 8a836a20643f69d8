"""What a cluster says of its topics, by librdkafka's own C function."""

import ctypes
from collections.abc import Mapping

from confluent_kafka import KafkaError, KafkaException

from dompet.streams.kafka.librdkafka import library


class _Topic(ctypes.Structure):
    _fields_ = (
        ("topic", ctypes.c_char_p),
        ("partition_count", ctypes.c_int),
        ("partitions", ctypes.c_void_p),
        ("error", ctypes.c_int),
    )


class _Metadata(ctypes.Structure):
    _fields_ = (
        ("broker_count", ctypes.c_int),
        ("brokers", ctypes.c_void_p),
        ("topic_count", ctypes.c_int),
        ("topics", ctypes.POINTER(_Topic)),
        ("broker_id", ctypes.c_int32),
        ("broker_name", ctypes.c_char_p),
    )


def partition_counts(client: int, timeout_s: float) -> Mapping[str, int]:
    """How many partitions each topic has, asked with a client's handle. KafkaException where nobody answers in time.

    All topics are asked for: asking for one by its name could make it, on a broker that makes topics by itself.
    """
    loaded, found = library(), ctypes.POINTER(_Metadata)()
    error = loaded.rd_kafka_metadata(client, 1, None, ctypes.byref(found), int(timeout_s * 1000))
    if error:
        raise KafkaException(KafkaError(error))
    try:
        topics = found.contents.topics[: found.contents.topic_count]
        return {one.topic.decode(): one.partition_count for one in topics if not one.error}
    finally:
        loaded.rd_kafka_metadata_destroy(found)
