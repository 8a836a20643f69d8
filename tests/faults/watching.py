"""Looking on, all the while: how far log and journal are, whether checkpoints are ahead of it, when faults are over."""

import math
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from clickhouse_driver.errors import Error
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from dompet.schemas.topics import Topic, inbox_of
from dompet.streams.kafka.librdkafka import refresh_metadata
from tests.faults.cast import ROUTER_GROUP, TOPICS, Cast
from tests.faults.engine import AnyClient, client_of
from tests.faults.entrance import BY_INBOX
from tests.faults.ledger import Acknowledged
from tests.faults.plan import PUBLISHER, Fault

_LOOK_S: Final = 0.25
_CHECK_EVERY_S: Final = 2.0
_ASK_S: Final = 2.0

_CHECKPOINTS: Final = "SELECT partition, max(next_offset) FROM checkpoint_rows FINAL WHERE rows > 0 GROUP BY partition"


@dataclass(frozen=True)
class Recovery:
    """Seconds from a fault's end until what the log then held was stored (or, of the publisher's: until an event more
    was acknowledged).
    """

    fault: Fault
    seconds: float


@dataclass(frozen=True)
class _Awaited:
    fault: Fault
    healed_s: float
    stored: int
    acknowledged: int


class Watch:
    """A thread that looks on. The numbers are the last that were heard: a server may be away."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._over = threading.Event()
        self._turn = threading.Lock()
        self._awaited: list[_Awaited] = []
        self._checked_s = 0.0
        self._threads = [threading.Thread(target=loop) for loop in (self._watch_warehouse, self._watch_broker)]
        self.acknowledged = 0
        self.stored = 0
        self.log_end = 0
        self._log_looked_s = -math.inf
        self.unrouted = 0
        self.recoveries: list[Recovery] = []
        self.ahead: list[str] = []
        """Where a checkpoint vouched for rows that the journal did not have."""
        self.checks = 0
        """How often every checkpoint was compared with the journal."""

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def lag(self) -> int:
        """Records on the log and not behind a checkpoint, and those of inboxes that are not on the log."""
        return max(self.log_end - self.stored, 0) + self.unrouted

    def behind(self, since_s: float) -> bool:
        """Whether there is a lag, or the ends of inboxes and of the log were not looked at since that moment: what was
        heard of them before may be older than the last events.
        """
        return self._log_looked_s < since_s or self.lag > 0

    def healed(self, fault: Fault) -> None:
        """A fault has ended just now: from here on its recovery is timed; checkpoints are looked at soon."""
        with self._turn:
            self._awaited.append(_Awaited(fault, time.monotonic(), self.log_end, self.acknowledged))
            self._checked_s = 0.0

    def count(self) -> None:
        """Hear how many events are acknowledged, and which faults are over."""
        self.acknowledged = Acknowledged.count(self._cast.acknowledged)
        with self._turn:
            for one in list(self._awaited):
                of_publisher = one.fault.target.startswith(PUBLISHER)
                recovered = self.acknowledged > one.acknowledged if of_publisher else self.stored >= one.stored
                if recovered or (of_publisher and self._cast.publisher.finished):
                    self._awaited.remove(one)
                    self.recoveries.append(Recovery(one.fault, time.monotonic() - one.healed_s))

    def _watch_warehouse(self) -> None:
        client: AnyClient | None = None
        url = self._cast.server.url
        limited = url if url.startswith("chdb") else f"{url}?connect_timeout={_ASK_S}&send_receive_timeout={_ASK_S}"
        while not self._over.wait(_LOOK_S):
            try:
                client = client or client_of(limited)
                self._look(client)
            except (Error, OSError, EOFError):
                client = None
        if client is not None:
            client.disconnect()

    def _look(self, client: AnyClient) -> None:
        if not client.execute("EXISTS TABLE checkpoint_rows")[0][0]:
            return
        checkpoints = dict(client.execute(_CHECKPOINTS))
        self.stored = sum(checkpoints.values())
        if checkpoints and time.monotonic() - self._checked_s >= _CHECK_EVERY_S:
            self._checked_s = time.monotonic()
            self.ahead += ahead(client, checkpoints)
            self.checks += 1

    def _watch_broker(self) -> None:
        settings = {"bootstrap.servers": self._cast.broker.bootstrap, "group.id": ROUTER_GROUP, "log_level": 0}
        consumer = Consumer(settings)
        log = _parts(TOPICS.log)
        inboxes = [part for name in BY_INBOX for part in _parts(inbox_of(name).topic)]
        while not self._over.wait(_LOOK_S):
            began = time.monotonic()
            try:
                put = _end(consumer, inboxes)
                settled = sum(max(one.offset, 0) for one in consumer.committed(inboxes, timeout=_ASK_S))
                end = _end(consumer, log)  # after the inboxes: what is settled there is on the log by now
            except KafkaException:
                for topic in {part.topic for part in (*inboxes, *log)}:
                    refresh_metadata(consumer, topic, self._cast.broker.bootstrap, _ASK_S)
                continue
            self.log_end, self.unrouted = end, put - settled
            self._log_looked_s = began
        consumer.close()


def _parts(topic: Topic) -> list[TopicPartition]:
    return [TopicPartition(topic.name, partition) for partition in range(topic.partitions)]


def _end(consumer: Consumer, parts: Iterable[TopicPartition]) -> int:
    """The sum of the partitions' ends; KafkaException where the broker does not say one."""
    ends = [consumer.get_watermark_offsets(part, timeout=_ASK_S) for part in parts]
    if None in ends:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
    return sum(end for _, end in ends)


def ahead(client: AnyClient, checkpoints: dict[int, int]) -> list[str]:
    """The checkpoints (next offset by partition) below which the journal has not every offset, a sentence each.

    The journal only grows, so it is asked after the checkpoints: what is found missing was missing then.
    """
    below = " OR ".join(f"(partition = {p} AND offset < {offset})" for p, offset in sorted(checkpoints.items()))
    found = dict(
        client.execute(f"SELECT partition, uniqExact(offset) FROM journal_rows WHERE {below} GROUP BY partition")
    )
    return [
        f"partition {partition}: below the checkpoint at {offset} the journal had {found.get(partition, 0)} rows"
        for partition, offset in sorted(checkpoints.items())
        if found.get(partition, 0) != offset
    ]
