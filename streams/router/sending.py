"""Rounds of records to the log: one at a time, all acknowledged or none of it taken for granted."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException

from dompet.streams.kafka.batch_producer import BatchProducer
from dompet.streams.kafka.headed import HeadedBatch
from dompet.streams.kafka.producer import Setting, producer_settings
from dompet.streams.process.patience import Unavailable
from dompet.streams.router.lease import Lease

_log = logging.getLogger("rdkafka")
_WAIT_S: Final = 0.05
_REACH_S: Final = 10.0
_TIMEOUTS: Final = ("delivery.timeout.ms", "message.timeout.ms")


class RoundFailed(Unavailable):
    """Not all of a round was acknowledged: what of it is on the log is not known."""


class Sender:
    """Sends records to the log. For one thread."""

    def __init__(self, kafka: Mapping[str, Any], log: str, lease: Lease, records_most: int) -> None:
        self._kafka = dict(kafka)
        self._log_topic = log
        self._lease = lease
        self._records_most = records_most
        self._producer: BatchProducer | None = None
        self._waiting = 0
        self._why = ""

    def open(self) -> None:
        """Connect, where that is not done. Raises RoundFailed where the broker does not answer."""
        if self._producer is None:
            own: dict[str, Setting] = {
                "delivery.timeout.ms": self._lease.report_limit_ms,
                "client.id": "dompet-router",
                "linger.ms": 5,
                "queue.buffering.max.messages": 2 * self._records_most,
                "queue.buffering.max.kbytes": 1_048_576,
            }
            servers = self._kafka["bootstrap.servers"]
            others = {name: one for name, one in self._kafka.items() if name not in ("bootstrap.servers", *_TIMEOUTS)}
            settings = producer_settings(servers, {**others, **own})
            producer = BatchProducer(self._log_topic, settings, self._on_error, _log, dies_at_once=True)
            try:
                producer.cluster(_REACH_S)
            except KafkaException as error:
                producer.close()
                raise RoundFailed(f"the log's broker does not answer: {error.args[0].str()}") from None
            self._producer, self._waiting, self._why = producer, 0, ""

    def send(self, batch: HeadedBatch) -> None:
        """Hand over a part of a round. Raises RoundFailed where that takes too long."""
        assert self._producer is not None  # noqa: S101  (`open` comes first)
        done = 0
        self._waiting += len(batch)
        while (done := self._producer.produce_headed(batch, done)) < len(batch):
            self._take_reports(_WAIT_S)
            if not self._lease.takes_more:
                raise RoundFailed("the log's broker takes records too slowly for a router's lease")
        refused = batch.refused.errors
        self._waiting -= len(refused)
        self._note(refused.tolist())

    def finish(self) -> None:
        """Wait until all of the round is acknowledged. Raises RoundFailed where some of it is not."""
        while self._waiting:
            self._take_reports(_WAIT_S)
            if self._producer is not None:
                self._producer.send_now()
        if self._why:
            raise RoundFailed(f"topic {self._log_topic}: {self._why}")

    def close(self) -> None:
        """Give up what is not acknowledged: nothing more of it leaves this machine."""
        if self._producer is not None:
            self._producer.close()
            self._producer = None

    def _take_reports(self, wait_s: float) -> None:
        assert self._producer is not None  # noqa: S101
        for report in self._producer.reports(wait_s):
            self._waiting -= len(report.numbers)
            self._note(report.errors[report.errors != 0].tolist())

    def _note(self, errors: Sequence[int]) -> None:
        if errors and not self._why:
            self._why = KafkaError(errors[0]).str()

    def _on_error(self, error: KafkaError) -> None:
        _log.info("%s", error.str())
