"""Records to the log, each with what became of it: where it is, or why the broker did not acknowledge it."""

import asyncio
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np
from confluent_kafka import KafkaError, KafkaException

from dompet.schemas.encode import Encoded
from dompet.schemas.errors import DompetError
from dompet.schemas.varints import Longs
from dompet.streams.gateway.brought import Input
from dompet.streams.gateway.deliveries import Deliveries, Outcomes
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.batch_producer import BatchProducer
from dompet.streams.kafka.headed import BY_ITS_KEY, HeadedBatch, Headers
from dompet.streams.kafka.origins import BY_HTTP, PUBLISHER, WAY
from dompet.streams.kafka.producer import Setting, producer_settings
from dompet.streams.kafka.topics import partition_counts
from dompet.streams.settings import Settings

DELIVERY_S: Final = 10
"""So long the broker may take to acknowledge an event, before it is one to be sent again."""

_OWN: Final[Mapping[str, Setting]] = {
    "client.id": "dompet-gateway",
    "linger.ms": 5,
    "socket.nagle.disable": True,  # an answer waits for each request to the broker
    "delivery.timeout.ms": DELIVERY_S * 1000,
}
_QUEUE: Final[Mapping[str, Setting]] = {"queue.buffering.max.messages": 100_000, "queue.buffering.max.kbytes": 65_536}
"""How much may wait for the broker, unless the settings say it."""
_FLUSH_WAIT_S: Final = 0.01
_LOOK_EVERY_S: Final = 2.0
_LOOK_LIMIT_S: Final = 2.0
_WAKES_BYTES: Final = 4_096
_log = logging.getLogger("rdkafka")
log = logging.getLogger("dompet.gateway")


class LogWriter:
    """Writes to the log; for one event loop. DompetError where the log is not there or no broker answers."""

    def __init__(self, settings: Settings) -> None:
        topic = settings.topics.log.name
        if not partition_counts(admin_client(settings), [settings.topics.log]):
            raise DompetError(f"the Kafka has no topic {topic}; `dompet topics` creates it")
        self._servers = str(settings.kafka)
        own = {**producer_settings(self._servers, {**_QUEUE, **settings.client_config()}), **_OWN}
        self._producer = BatchProducer(topic, own, _log_error, _log)
        self._deliveries = Deliveries()
        self._headers: dict[str, Headers] = {}
        self._complaint = ""

    @property
    def complaint(self) -> str:
        """Why nothing can be stored now; empty where it can."""
        return self._complaint

    @property
    def waiting(self) -> int:
        """How many records are not acknowledged yet."""
        return self._producer.waiting

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """What the broker reports is taken by the running event loop while the block runs."""
        loop = asyncio.get_running_loop()
        reading, writing = os.pipe()
        for one in (reading, writing):
            os.set_blocking(one, False)

        def on_wake() -> None:
            os.read(reading, _WAKES_BYTES)
            self._take_reports(0.0)

        loop.add_reader(reading, on_wake)
        self._producer.wake(writing)
        try:
            yield
        finally:
            self._producer.wake(-1)
            loop.remove_reader(reading)
            os.close(reading)
            os.close(writing)

    async def write(self, events: Sequence[Input], publisher_id: str) -> Outcomes:
        """Put the events on the log, in their order; what became of each, once the broker has acknowledged it."""
        headers = self._headers_of(publisher_id)
        with self._deliveries.of(len(events)) as delivery:
            for row, event in enumerate(events):
                if error := self._producer.produce_one(headers, event.key, event.value, delivery.first_number + row):
                    delivery.stop_at(row, error)
                    break
            return await delivery.outcomes()

    async def write_rows(self, encoded: Encoded, rows: Longs, publisher_id: str) -> Outcomes:
        """The same for rows of events that are encoded."""
        keys, values = encoded.keys.take(rows), encoded.values.take(rows)
        by_key = np.full(len(rows), BY_ITS_KEY)
        with self._deliveries.of(len(rows)) as delivery:
            headers = self._headers_of(publisher_id)
            batch = HeadedBatch.of(by_key, keys, values, headers, first_number=delivery.first_number)
            if (done := self._producer.produce_headed(batch, 0, stops=True)) < len(rows):
                delivery.stop_at(done, int(batch.errors[done]))
            return await delivery.outcomes()

    async def watch(self) -> None:
        """Look every two seconds whether the log's broker answers, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            complaint = await loop.run_in_executor(None, reached, self._producer, self._servers)
            if complaint != self._complaint:
                log.warning("%s", complaint or "the log's broker answers again")
            self._complaint = complaint
            await asyncio.sleep(_LOOK_EVERY_S)

    def close(self) -> None:
        """Wait for what is on its way, and end."""
        deadline_s = time.monotonic() + DELIVERY_S
        while self._producer.waiting and time.monotonic() < deadline_s:
            self._producer.send_now()
            self._take_reports(_FLUSH_WAIT_S)
        self._producer.close()

    def _headers_of(self, publisher_id: str) -> Headers:
        found = self._headers.get(publisher_id)
        if found is None:
            found = self._headers[publisher_id] = Headers({WAY: BY_HTTP.encode(), PUBLISHER: publisher_id.encode()})
        return found

    def _take_reports(self, wait_s: float) -> None:
        for report in self._producer.reports(wait_s):
            self._deliveries.take(report)


def reached(producer: BatchProducer, servers: str) -> str:
    """Why no broker answers a producer; empty where one does. Else it starts again with these servers: it may have lost
    every broker for ever (`librdkafka.rebootstrap`).
    """
    try:
        producer.cluster(_LOOK_LIMIT_S)
    except KafkaException as error:
        producer.bootstrap_again(servers)
        return f"the log's broker does not answer: {error.args[0].str()}"
    return ""


def _log_error(error: KafkaError) -> None:
    _log.info("%s", error.str())
