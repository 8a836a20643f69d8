"""kafka-python, a client that shares no code with the product: imported here, where its deprecations are let be."""

import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.net import KafkaNetSocket
    from kafka.partitioner.default import murmur2

__all__ = ["KafkaConsumer", "KafkaProducer", "TopicPartition", "murmur2", "no_socket_left"]

_sockets: WeakSet[socket.socket] = WeakSet()
_socket = KafkaNetSocket.socket


def _known_socket(self: Any, *arguments: Any) -> socket.socket:
    made: socket.socket = _socket(self, *arguments)
    _sockets.add(made)
    return made


KafkaNetSocket.socket = _known_socket


@contextmanager
def no_socket_left() -> Iterator[None]:
    """Close what a client that the block opens and closes has forgotten: kafka-python 3.0.12 leaves one socket in a
    hundred closes to the garbage collector, which warns in whatever test runs then.
    """
    before = set(_sockets)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # it may be collected at once
            yield
    finally:
        for one in set(_sockets) - before:
            one.close()
