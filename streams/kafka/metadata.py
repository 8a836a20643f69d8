"""What a cluster says of itself, by librdkafka's own C function."""

import ctypes
from collections.abc import Mapping
from typing import NamedTuple

from confluent_kafka import KafkaError, KafkaException

from dompet.streams.kafka.librdkafka import library


class Broker(NamedTuple):
    """Where a broker says that it is."""

    host: str
    port: int


class Cluster(NamedTuple):
    """The brokers, and how many partitions each topic has."""

    brokers: list[Broker]
    partition_counts: Mapping[str, int]


class _Broker(ctypes.Structure):
    _fields_ = (("id", ctypes.c_int32), ("host", ctypes.c_char_p), ("port", ctypes.c_int))


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
        ("brokers", ctypes.POINTER(_Broker)),
        ("topic_count", ctypes.c_int),
        ("topics", ctypes.POINTER(_Topic)),
        ("broker_id", ctypes.c_int32),
        ("broker_name", ctypes.c_char_p),
    )


def cluster(client: int, timeout_s: float) -> Cluster:
    """The cluster, asked with a client's handle. KafkaException where nobody answers in time.

    All topics are asked for: asking for one by its name could make it, on a broker that makes topics by itself.
    """
    loaded, found = library(), ctypes.POINTER(_Metadata)()
    error = loaded.rd_kafka_metadata(client, 1, None, ctypes.byref(found), int(timeout_s * 1000))
    if error:
        raise KafkaException(KafkaError(error))
    try:
        brokers = found.contents.brokers[: found.contents.broker_count]
        topics = found.contents.topics[: found.contents.topic_count]
        return Cluster(
            [Broker(one.host.decode(), one.port) for one in brokers],
            {one.topic.decode(): one.partition_count for one in topics if not one.error},
        )
    finally:
        loaded.rd_kafka_metadata_destroy(found)
