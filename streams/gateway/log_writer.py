"""Records to the log, each with what became of it: where it is, or why the broker did not acknowledge it."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from confluent_kafka import KafkaError, KafkaException, Message

from dompet.schemas.errors import DompetError
from dompet.streams.gateway.inputs import Input
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.origins import BY_HTTP, PUBLISHER, WAY
from dompet.streams.kafka.producer import event_producer
from dompet.streams.kafka.topics import partition_counts
from dompet.streams.settings import Settings

DELIVERY_S: Final = 10
"""So long the broker may take to acknowledge an event, before it is one to be sent again."""

_OWN: Final = {
    "client.id": "dompet-gateway",
    "linger.ms": 5,
    "socket.nagle.disable": True,  # an answer waits for each request to the broker
    "delivery.timeout.ms": DELIVERY_S * 1000,
    "queue.buffering.max.messages": 100_000,
    "queue.buffering.max.kbytes": 65_536,
}
_POLL_S: Final = 0.1
_LOOK_EVERY_S: Final = 2.0
_LOOK_LIMIT_S: Final = 2.0
_log = logging.getLogger("rdkafka")
log = logging.getLogger("dompet.gateway")


class Outcome(NamedTuple):
    """What became of one record. `error` is empty where it is on the log."""

    partition: int
    offset: int
    error: str


class _Batch:
    """Records that one request waits for. Reports come in the thread that polls, the rest in the event loop's."""

    def __init__(self, size: int, whole: Callable[[], object]) -> None:
        self.outcomes: list[Outcome | None] = [None] * size
        self._whole = whole
        self._expected = size
        self._reported = 0

    def report_of(self, row: int) -> Callable[[KafkaError | None, Message], None]:
        """What is called with the report of a record."""

        def report(error: KafkaError | None, message: Message) -> None:
            if error is None:
                self.outcomes[row] = Outcome(int(message.partition() or 0), int(message.offset() or 0), "")
            else:
                self.outcomes[row] = Outcome(-1, -1, error.str())
            self._reported += 1
            if self._reported == self._expected:
                self._whole()

        return report

    def stop_at(self, row: int, error: str) -> None:
        """No record from this one on was handed over."""
        self.outcomes[row:] = [Outcome(-1, -1, error)] * (len(self.outcomes) - row)
        self._expected = row
        if self._reported == row:
            self._whole()


class LogWriter:
    """Writes to the log; for one event loop. DompetError where the log is not there or no broker answers."""

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topics.log.name
        if not partition_counts(admin_client(settings), [settings.topics.log]):
            raise DompetError(f"the Kafka has no topic {self._topic}; `dompet topics` creates it")
        self._producer = event_producer(str(settings.kafka), settings.client_config(), _log, **_OWN)
        self._over = threading.Event()
        self._polling = threading.Thread(target=self._poll, name="reports", daemon=True)
        self._polling.start()
        self._complaint = ""

    @property
    def complaint(self) -> str:
        """Why nothing can be stored now; empty where it can."""
        return self._complaint

    @property
    def waiting(self) -> int:
        """How many records are not acknowledged yet."""
        return len(self._producer)

    async def write(self, events: Sequence[Input], publisher_id: str) -> list[Outcome]:
        """Put the events on the log, in their order; what became of each, once the broker has acknowledged it."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        batch = _Batch(len(events), partial(loop.call_soon_threadsafe, _finish, done))
        headers: list[tuple[str, str | bytes | None]] = [(WAY, BY_HTTP.encode()), (PUBLISHER, publisher_id.encode())]
        for row, event in enumerate(events):
            try:
                self._producer.produce(
                    self._topic, event.value, event.key, on_delivery=batch.report_of(row), headers=headers
                )
            except BufferError:
                batch.stop_at(row, "the gateway's queue is full")
                break
            except KafkaException as error:
                batch.stop_at(row, error.args[0].str())
                break
        if events:
            await done
        return [one or Outcome(-1, -1, "no report") for one in batch.outcomes]

    async def watch(self) -> None:
        """Look every two seconds whether the log's broker answers, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            complaint = await loop.run_in_executor(None, self._look)
            if complaint != self._complaint:
                log.warning("%s", complaint or "the log's broker answers again")
            self._complaint = complaint
            await asyncio.sleep(_LOOK_EVERY_S)

    def close(self) -> None:
        """Wait for what is on its way, and end."""
        self._producer.flush(DELIVERY_S)
        self._over.set()
        self._polling.join()

    def _look(self) -> str:
        try:
            self._producer.list_topics(self._topic, timeout=_LOOK_LIMIT_S)
        except KafkaException as error:
            return f"the log's broker does not answer: {error.args[0].str()}"
        return ""

    def _poll(self) -> None:
        while not self._over.is_set():
            self._producer.poll(_POLL_S)


def _finish(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
