"""Kafka's errors: which of them do not heal, however long one waits. librdkafka itself repeats what may succeed."""

import time
from dataclasses import dataclass
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message

from dompet.schemas.errors import DompetError
from dompet.streams.kafka.librdkafka import rebootstrap, refresh_metadata
from dompet.streams.process.patience import Outage, Patience, Unavailable

LASTING: Final = frozenset(
    {
        # Who asks, and for what
        KafkaError._AUTHENTICATION,
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.UNSUPPORTED_SASL_MECHANISM,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        # How the group is joined
        KafkaError.INCONSISTENT_GROUP_PROTOCOL,
        KafkaError.INVALID_GROUP_ID,
        KafkaError.INVALID_SESSION_TIMEOUT,
        KafkaError.GROUP_MAX_SIZE_REACHED,
        # What the log holds: librdkafka would go on behind a batch that it cannot read
        KafkaError._AUTO_OFFSET_RESET,
        KafkaError.OFFSET_OUT_OF_RANGE,
        KafkaError._BAD_MSG,
        KafkaError._BAD_COMPRESSION,
        KafkaError.INVALID_MSG,
        KafkaError.UNSUPPORTED_COMPRESSION_TYPE,
        KafkaError.TOPIC_EXCEPTION,
    }
)
PLACES: Final = frozenset(
    {
        KafkaError._BAD_MSG,
        KafkaError._BAD_COMPRESSION,
        KafkaError._NOT_IMPLEMENTED,
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.INVALID_MSG,
        KafkaError.UNSUPPORTED_COMPRESSION_TYPE,
        KafkaError.INVALID_RECORD,
    }
)
"""What is wrong with one place of the log alone: the rest of it can be read."""
BEYOND: Final = KafkaError(KafkaError.INVALID_RECORD, "a batch gives its records offsets that it does not have")
"""Not librdkafka's: it takes such a record's offset as it is."""

_LOST: Final = frozenset({KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._TIMED_OUT})
QUIET_S: Final = 10.0
"""A broker that was not heard of for so long is asked whether it is there."""
KNOCK_S: Final = 1.0
"""How long it may take to answer."""


@dataclass(frozen=True)
class Reported:
    """What the consumer reports about a partition instead of a record; -1: a partition or offset that it leaves out."""

    error: KafkaError
    partition: int
    offset: int


class LogUnreadable(DompetError):
    """The log's broker or topic cannot be read."""


class LogUnavailable(LogUnreadable, Unavailable):
    """The log's broker does not answer now."""


def lasts(error: KafkaError) -> bool:
    """Whether waiting cannot help."""
    return bool(error.fatal()) or error.code() in LASTING


def unreadable(what: str, error: KafkaError) -> LogUnreadable:
    """What to raise where the log was asked and answered so."""
    return (LogUnreadable if lasts(error) else LogUnavailable)(f"{what}: {error.str()}")


def reported_by(message: Message) -> Reported:
    """What a message reports that is no record."""
    error = message.error()
    if error is None:
        raise AssertionError("a record came by the consumer's own queue")
    return Reported(error, _or_none(message.partition()), _or_none(message.offset()))


def check_reported(topic: str, reported: Reported) -> None:
    """Raises LogUnreadable where it reports what waiting cannot fix."""
    if lasts(reported.error):
        place = f"topic {topic}" + (f", partition {reported.partition}" if reported.partition >= 0 else "")
        place += f", offset {reported.offset}" if reported.offset >= 0 else ""
        raise LogUnreadable(f"{place}: {reported.error.str()}")


def _or_none(place: int | None) -> int:
    return -1 if place is None else place


class BrokerWatch:
    """Notices that the broker is away, which a consumer does not always report, and that it is back, which it never
    does. For the consumer's thread.
    """

    def __init__(self, topic: str, servers: str, patience: Patience) -> None:
        self._topic = topic
        self._servers = servers
        self._outage = Outage(patience)
        self._away = self._topic_missed = False
        self._suspected_until = 0.0
        self._knock_at = time.monotonic() + QUIET_S
        self.failure: LogUnreadable | None = None
        """What waiting cannot fix."""

    def on_error(self, error: KafkaError) -> None:
        """The consumer's `error_cb`."""
        if lasts(error):
            self.failure = LogUnreadable(f"topic {self._topic}: {error.str()}")
        elif error.code() in _LOST:
            self.doubt()

    def doubt(self) -> None:
        """Something was odd: look at the next occasion."""
        if not self._away:
            self._suspect()

    def records_came(self) -> None:
        """Records came: the broker is there."""
        if self._away:
            self._is_well()

    def look(self, consumer: Consumer) -> None:
        """Nothing came from the consumer: where the broker was lost, or nothing was heard of it for long, ask whether
        it is there. Raises LogUnreadable where the topic is gone, OutageTooLong.
        """
        if time.monotonic() < self._knock_at:
            return
        try:
            found = consumer.list_topics(self._topic, timeout=KNOCK_S).topics[self._topic]
        except KafkaException as error:
            self._failed(consumer, unreadable("the Kafka broker cannot be reached", error.args[0]))
            return
        if found.error is None or found.error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            self._is_well()
        elif self._topic_missed:
            raise LogUnreadable(f"topic {self._topic} does not exist any more")
        else:  # a broker that is starting may not know it yet
            self._topic_missed, self._knock_at = True, time.monotonic() + KNOCK_S

    def refresh_metadata(self, consumer: Consumer) -> None:
        """A question about the topic failed: have the next one asked of the broker."""
        refresh_metadata(consumer, self._topic, self._servers, KNOCK_S)

    def _failed(self, consumer: Consumer, fault: LogUnreadable) -> None:
        """It did not answer. Once, where no error was heard before, that is no outage yet: it may be slow."""
        if not isinstance(fault, Unavailable):
            raise fault from None
        rebootstrap(consumer, self._servers)
        self._away = self._away or time.monotonic() < self._suspected_until
        self._suspect()
        if self._away:
            self._knock_at = time.monotonic() + self._outage.failed(fault)

    def _suspect(self) -> None:
        self._knock_at = time.monotonic()
        self._suspected_until = self._knock_at + QUIET_S

    def _is_well(self) -> None:
        self._outage.over()
        self._away = self._topic_missed = False
        self._suspected_until = 0.0
        self._knock_at = time.monotonic() + QUIET_S
