"""A plain producer that reaches no broker any more, and reports nothing: `librdkafka.rebootstrap` says why."""

import time
from typing import Final

from confluent_kafka import Producer

from dompet.streams.kafka.librdkafka import rebootstrap

_STILL_S: Final = 5.0


class Stills:
    """Has a producer start again with its servers where what waits becomes no less for five seconds."""

    def __init__(self, producer: Producer, servers: str) -> None:
        self._producer = producer
        self._servers = servers
        self._waiting = 0
        self._moved_s = time.monotonic()

    def look(self) -> None:
        """Call it again and again."""
        now_s, waiting = time.monotonic(), len(self._producer)
        if not waiting or waiting < self._waiting:
            self._moved_s = now_s
        if now_s - self._moved_s > _STILL_S:
            self._moved_s = now_s
            rebootstrap(self._producer, self._servers)
        self._waiting = waiting
