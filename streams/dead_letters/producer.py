"""Dead records → the dead-letter topic, bytes unchanged, under the header names of Kafka Connect."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException

from dompet.schemas.decode import Decoded
from dompet.schemas.errors import DompetError
from dompet.streams.kafka.faults import lasts
from dompet.streams.kafka.librdkafka import rebootstrap
from dompet.streams.kafka.producer import DELIVERY_LIMIT_S, letter_producer
from dompet.streams.process.patience import Unavailable

log = logging.getLogger("dompet.dead_letters")

_FLUSH_LIMIT_S: Final = DELIVERY_LIMIT_S + 5


class DeadLettersRefused(DompetError):
    """The broker will never take the dead letters of a batch; the batch is not stored either."""


class DeadLettersUndelivered(Unavailable):
    """The broker did not take the dead letters of a batch now."""


class DeadLetters:
    """Sends dead records on, at least once: the origin (topic, partition, offset) identifies each."""

    def __init__(self, kafka: Mapping[str, Any], log: str, topic: str) -> None:
        self._log = log
        self._topic = topic
        self._kafka = kafka
        self._producer = letter_producer(kafka)
        self._refused: KafkaError | None = None

    def send(self, decoded: Decoded) -> None:
        """Send a batch's dead records and wait until the broker has them; raises DeadLettersUndelivered where it may
        help to send them again, DeadLettersRefused where not.
        """
        self._refused = None
        records = decoded.records
        for row in decoded.dead:
            headers = list(self._headers(decoded, row))
            while True:
                try:
                    self._producer.produce(
                        self._topic,
                        records.values[row],
                        records.keys[row],
                        headers=headers,
                        on_delivery=self._on_delivery,
                    )
                    break
                except BufferError:
                    self._producer.poll(0.1)
                except KafkaException as error:
                    if error.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE:
                        self._on_delivery(error.args[0], None)
                        break
                    raise self._failed(error.args[0]) from None
        left = self._producer.flush(_FLUSH_LIMIT_S)
        if left or self._refused:
            raise self._failed(self._refused)

    def _failed(self, error: KafkaError | None) -> DompetError:
        """What to raise; a producer that failed for good is replaced by another."""
        if error is not None and error.fatal():
            self._producer = letter_producer(self._kafka)
        else:
            rebootstrap(self._producer, self._kafka["bootstrap.servers"])
        reason = error.str() if error else "the broker did not answer in time"
        kind = DeadLettersRefused if error and lasts(error) and not error.fatal() else DeadLettersUndelivered
        return kind(f"topic {self._topic}: a dead letter was not delivered: {reason}")

    def _on_delivery(self, error: KafkaError | None, _: Any) -> None:
        if error is not None and error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            # No retry can help; the table holds the record whole, and a letter too long must not stop the log.
            log.warning("topic %s: a dead letter is longer than the topic takes; it is in the table alone", self._topic)
        else:
            self._refused = self._refused or error

    def _headers(self, decoded: Decoded, row: int) -> Iterator[tuple[str, str | bytes | None]]:
        """What Kafka Connect says of a record it could not convert."""
        records, fault = decoded.records, decoded.dead[row]
        yield "__connect.errors.topic", self._log.encode()
        yield "__connect.errors.partition", str(records.partition[row]).encode()
        yield "__connect.errors.offset", str(records.offset[row]).encode()
        yield "__connect.errors.connector.name", b"dompet"
        yield "__connect.errors.task.id", b"0"
        yield "__connect.errors.stage", b"VALUE_CONVERTER"
        yield "__connect.errors.class.name", b"dompet.schemas.decode"
        yield "__connect.errors.exception.class.name", type(fault).__name__.encode()
        yield "__connect.errors.exception.message", str(fault).encode()
