"""Which of Kafka's errors a worker waits out, and which end it."""

from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from dompet.streams.kafka import faults as kafka_faults
from dompet.streams.kafka.faults import BrokerWatch, LogUnreadable, unreadable
from dompet.streams.process.patience import Patience, Unavailable

HEAL = (
    KafkaError._TRANSPORT,
    KafkaError._TIMED_OUT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._UNKNOWN_PARTITION,  # a broker that has just started again may not know its partitions yet
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
)
LAST = (
    KafkaError._AUTHENTICATION,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.OFFSET_OUT_OF_RANGE,
    KafkaError._BAD_MSG,
)


@pytest.mark.parametrize("code", HEAL)
def test_what_a_broker_says_while_it_starts_or_is_away_is_waited_out(code: int) -> None:
    assert isinstance(unreadable("partition 4", KafkaError(code)), Unavailable)


@pytest.mark.parametrize("code", LAST)
def test_what_waiting_cannot_fix_is_not_waited_for(code: int) -> None:
    fault = unreadable("partition 4", KafkaError(code))
    assert not isinstance(fault, Unavailable)
    assert str(fault).startswith("partition 4: ")


class Answering:
    """Stands for a consumer of which only `list_topics` is asked: gives these answers, one after another."""

    def __init__(self, *answers: KafkaError | None) -> None:
        self._answers = list(answers)

    def list_topics(self, topic: str, timeout: float) -> Any:
        match self._answers.pop(0):
            case KafkaError() as error if error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise KafkaException(error)
            case answer:
                return SimpleNamespace(topics={topic: SimpleNamespace(error=answer)})


LATE = KafkaError(KafkaError._TRANSPORT)
UNKNOWN = KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)


class Watched:
    """A watch that looks whenever it is asked to, and what it complains of."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(kafka_faults, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(kafka_faults, "rebootstrap", lambda *_: None)
        self.patience = Patience(0)
        self.watch = BrokerWatch("log", "broker:9092", self.patience)

    def look(self, *answers: KafkaError | None, after_s: float = kafka_faults.QUIET_S) -> None:
        """So many looks, each so long after the last one."""
        consumer: Any = Answering(*answers)
        for _ in answers:
            self.now += after_s
            self.watch.look(consumer)

    @property
    def complains(self) -> bool:
        return bool(self.patience.complaint)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def test_an_answer_that_comes_too_late_once_is_no_outage_and_twice_is_one(watched: Watched) -> None:
    watched.look(LATE, None, LATE)
    assert not watched.complains
    watched.look(LATE, after_s=0)
    assert watched.complains
    watched.look(None)
    assert not watched.complains


def test_an_answer_that_comes_too_late_after_an_error_is_an_outage_unless_that_was_long_ago(watched: Watched) -> None:
    watched.watch.on_error(LATE)
    watched.look(LATE, after_s=0)
    assert watched.complains
    watched.look(None)
    watched.watch.on_error(LATE)
    watched.now += 3600
    watched.look(LATE)
    assert not watched.complains


def test_records_that_come_end_an_outage(watched: Watched) -> None:
    watched.watch.on_error(LATE)
    watched.look(LATE, after_s=0)
    assert watched.complains
    watched.watch.records_came()
    assert not watched.complains


def test_a_topic_is_gone_only_where_the_broker_says_so_twice(watched: Watched) -> None:
    watched.look(UNKNOWN, None, UNKNOWN)
    with pytest.raises(LogUnreadable, match=r"^topic log does not exist any more$"):
        watched.look(UNKNOWN)
