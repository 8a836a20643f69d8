"""The half of a publisher that is not seen: a producer of batches, and what becomes of what it was given."""

import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Final

from confluent_kafka import KafkaError, KafkaException

from dompet.schemas.encode import Encoded
from dompet.schemas.errors import DompetError
from dompet.schemas.varints import Longs
from dompet.streams.kafka.advertised import elsewhere, unreachable
from dompet.streams.kafka.batch_producer import BatchProducer
from dompet.streams.kafka.batches import Batch, Report
from dompet.streams.kafka.producer import Setting, producer_settings, without_passwords
from dompet.streams.publish.deliveries import Deliveries, DeliveryFailed, Origin, not_acknowledged

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())

_WAIT_S: Final = 0.2
_FLUSH_WAIT_S: Final = 0.01
_POLL_EVERY_S: Final = 0.01
"""How often a busy publisher asks what became of its events, where nobody waits for it: that costs half a sending."""

_STILL_S: Final = 5.0
"""Where events wait and none is delivered for so long, the library is given the brokers again."""


class BrokerUnreachable(DompetError):
    """No broker answers, or it does not know the topic."""


class Sender:
    """Sends records to a topic. `on_report` is given every report, and then handles what was sent one by one itself.

    Raises BrokerUnreachable where no broker answers within `reach_limit_s` seconds, SettingRefused.
    """

    def __init__(
        self,
        servers: str,
        topic: str,
        config: Mapping[str, Setting],
        on_report: Callable[[Report], None] | None,
        reach_limit_s: float,
    ) -> None:
        self._servers = servers
        self._topic = topic
        self._on_report = on_report
        self._deliveries = Deliveries(single_failures=on_report is None)
        self._polled_s = 0.0
        self._poll_every_s = 0.0 if on_report else _POLL_EVERY_S
        self._waiting = 0
        self._moved_s = 0.0
        self._overdue = False
        self._broker_says = ""
        self._producer = BatchProducer(topic, producer_settings(servers, config), self._on_error, _log)
        self._partition_count = self._reach(without_passwords(servers), reach_limit_s)

    @property
    def acknowledged(self) -> int:
        """How many records, from the first one on, the log is known to have without a gap."""
        return self._deliveries.acknowledged

    def begin(self) -> None:
        """To be called before anything new is sent. Raises DeliveryFailed for what was sent before."""
        if (now_s := time.monotonic()) >= self._polled_s + self._poll_every_s:
            self._polled_s = now_s
            self._take_reports(0.0)
        self.raise_failures()

    def send(self, key: bytes, value: bytes) -> int:
        """Hand one record over; its number, from 0. DeliveryFailed for what was sent before, or where it is refused."""
        number = self._deliveries.next_number
        try:
            while not self._producer.produce(key, value, number):
                self._take_reports(_WAIT_S)
                self.raise_failures()
        except KafkaException as error:
            raise DeliveryFailed(1, f"{self._topic} does not take the event: {_reason(error)}") from None
        self._deliveries.hand_over(1)
        return number

    def send_batch(self, encoded: Encoded, rows: Longs, origin: Origin) -> bool:
        """Hand over these rows; False where anything fails meanwhile: what is left of them has failed then, too."""
        first = self._deliveries.next_number
        batch, done = Batch.of(encoded, rows, self._partition_count, first), 0
        self._deliveries.hand_over(len(rows), origin)
        while (done := self._producer.produce_batch(batch, done)) < len(rows):
            self._take_reports(_WAIT_S)
            if self._deliveries.failing:
                break
        self._deliveries.take(batch.refused)
        return not self._deliveries.failing

    def give_up(self, origin: Origin) -> None:
        """These are not sent at all, because of what failed before."""
        self._deliveries.give_up(origin)

    def raise_failures(self) -> None:
        """Raises DeliveryFailed for all that failed since the last time."""
        if self._deliveries.failing:
            raise self._deliveries.failure(self._topic)

    def flush(self, timeout_s: float | None) -> None:
        """Wait until all that was sent is acknowledged or has failed. DeliveryFailed, also where time is up."""
        deadline_s = time.monotonic() + (math.inf if timeout_s is None else timeout_s)
        # In short waits, so that Ctrl-C is heard between them.
        while self._producer.waiting:
            self._producer.send_now()
            self._take_reports(max(0.0, min(deadline_s - time.monotonic(), _FLUSH_WAIT_S)))
            if time.monotonic() >= deadline_s and (waiting := self._producer.waiting):
                raise not_acknowledged(waiting, timeout_s)
        self.raise_failures()

    def close(self) -> None:
        """Give up what is not delivered."""
        self._producer.close()

    def _take_reports(self, wait_s: float) -> None:
        """Take what the library reports, after a wait for the first of it."""
        for report in self._producer.reports(wait_s):
            self._deliveries.take(report)
            self._overdue |= bool((report.errors == KafkaError._MSG_TIMED_OUT).any())
            if self._on_report:
                self._on_report(report)
        self._look()

    def _look(self) -> None:
        """Where nothing was delivered for a while, the library may have lost every broker."""
        now_s, waiting = time.monotonic(), self._producer.waiting
        if self._overdue:
            self._overdue = False
        elif not waiting or waiting < self._waiting:
            self._moved_s = now_s
        if now_s >= self._moved_s + _STILL_S:
            self._moved_s = now_s
            self._producer.bootstrap_again(self._servers)
        self._waiting = waiting

    def _on_error(self, error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._broker_says = error.str()

    def _reach(self, servers: str, limit_s: float) -> int:
        """How many partitions the topic has."""
        try:
            found = self._producer.cluster(limit_s)
        except KafkaException as error:
            self._take_reports(0.0)
            why = self._broker_says or _reason(error)
            raise BrokerUnreachable(
                f"no Kafka broker answers at {servers} within {limit_s:g} s: {without_passwords(why)}"
            ) from None
        if why := unreachable(found.brokers):
            raise BrokerUnreachable(elsewhere(servers, why))
        if self._topic not in found.partition_counts:
            raise BrokerUnreachable(f"the Kafka at {servers} has no topic {self._topic}; `dompet topics` creates it")
        return found.partition_counts[self._topic]


def _reason(error: KafkaException) -> str:
    return str(error.args[0].str())
