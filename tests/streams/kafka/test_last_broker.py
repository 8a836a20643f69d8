"""A client that its last broker has left finds the next one, though librdkafka has given up on it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from dompet.schemas.decode import decode
from dompet.streams.catalogue import topic as catalogue_topic
from dompet.streams.catalogue.topic import CatalogueReader
from dompet.streams.dead_letters import producer as dead_letters
from dompet.streams.dead_letters.producer import DeadLetters, DeadLettersUndelivered
from dompet.streams.kafka import consumer as consumer_home
from dompet.streams.kafka import faults as kafka_faults
from dompet.streams.kafka import producer
from dompet.streams.kafka.batch_producer import BatchProducer
from dompet.streams.kafka.faults import BrokerWatch
from dompet.streams.process.patience import Patience
from dompet.streams.publish import Publisher
from dompet.streams.publish import sender as publish
from tests.schemas.log_records import LogRecord, batch
from tests.schemas.surveys import survey
from tests.streams.catalogue.test_feed import said
from tests.support.catalogue import course
from tests.support.kafka import LogTopicMaker
from tests.support.leaving_broker import LeavingBroker, leaving_broker
from tests.support.log_reader import read_log
from tests.support.logs import RawRecord, write

_LIMIT_S = 120.0
CALLED_BACK = """
import resource, sys, time
from confluent_kafka import Consumer
from dompet.streams.kafka.librdkafka import refresh_metadata

kafka, topic = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
heard, assigned = [], []

def assign(consumer, partitions):
    refresh_metadata(consumer, topic, kafka, 1.0)
    time.sleep(0.2)  # meanwhile something else is to be reported, by the poll that called this
    assigned.append(len(heard))

settings = {"bootstrap.servers": kafka, "group.id": topic, "log_level": 0}
settings |= {"statistics.interval.ms": 20, "stats_cb": heard.append}
consumer = Consumer(settings)
consumer.subscribe([topic], on_assign=assign)
while not assigned or len(heard) == assigned[0]:
    consumer.poll(0.1)
consumer.close()
"""
"""A consumer that hears of an assignment and, by the same poll, of something else."""


class AskedProducer(BatchProducer):
    """One that may be asked for topics as confluent-kafka's clients are."""

    def list_topics(self, topic: str, timeout: float) -> object:
        return self.cluster(timeout)


@pytest.fixture
def topic(log_topic: LogTopicMaker) -> str:
    """A log of one partition on the real broker."""
    return log_topic(partitions=1)


@pytest.fixture
def leaving(topic: str) -> Iterator[LeavingBroker]:
    """The broker that a client of that log meets first."""
    with leaving_broker(topic) as broker:
        yield broker


@pytest.fixture
def consumer(topic: str, leaving: LeavingBroker) -> Iterator[Consumer]:
    """One of the tests' own, which hears nothing."""
    settings = {"bootstrap.servers": leaving.bootstrap, "group.id": topic, "log_level": 0, "error_cb": lambda _: None}
    with closing(Consumer(settings)) as consumer:
        yield consumer


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Those of librdkafka that the parts have made since, silenced."""
    made: list[Any] = []

    def maker(kind: type) -> Callable[..., Any]:
        def make(settings: dict[str, Any], **others: Any) -> Any:
            made.append(kind({**settings, "log_level": 0}, **others))
            return made[-1]

        return make

    def batch_producer(*arguments: Any) -> BatchProducer:
        producer = AskedProducer(*arguments)
        made.append(producer)
        return producer

    for module, kind in ((producer, Producer), (consumer_home, Consumer)):
        monkeypatch.setattr(module, kind.__name__, maker(kind))
    monkeypatch.setattr(publish, "BatchProducer", batch_producer)
    yield made
    made.clear()


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come"


def test_the_source_s_watch_asks_where_nothing_came_for_long_and_has_the_consumer_begin_again(
    kafka: str, topic: str, leaving: LeavingBroker, consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_faults, "QUIET_S", 0.0)
    write(kafka, topic, [RawRecord(b"key", b"value")])
    watch = BrokerWatch(topic, leaving.bootstrap, Patience(0))
    consumer.assign([TopicPartition(topic, 0, 0)])
    leaving.desert(consumer)
    leaving.send_on(kafka)

    def comes() -> bool:
        message = consumer.poll(0.1)
        watch.look(consumer)
        return message is not None and message.value() == b"value"

    until(comes)


def test_a_question_about_the_topic_is_answered_once_it_is_refreshed(
    kafka: str, topic: str, leaving: LeavingBroker, consumer: Consumer
) -> None:
    write(kafka, topic, [RawRecord(b"key", b"value")])
    watch = BrokerWatch(topic, leaving.bootstrap, Patience(0))
    leaving.desert(consumer)
    leaving.send_on(kafka)

    def answers() -> bool:
        with suppress(KafkaException):
            return consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=1.0) == (0, 1)
        watch.refresh_metadata(consumer)
        return False

    until(answers)


def test_a_question_may_be_refreshed_while_the_consumer_calls_back(kafka: str, topic: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", CALLED_BACK, kafka, topic], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_publisher_delivers(
    kafka: str, topic: str, leaving: LeavingBroker, clients: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "_STILL_S", 1.0)
    with Publisher(leaving.bootstrap, topic) as publisher:
        publisher.publish(survey("person-1", 1))
        leaving.desert(clients[0])
        leaving.send_on(kafka)
        publisher.publish(survey("person-1", 2))
        publisher.flush(_LIMIT_S)
    assert [record.key for record in read_log(kafka, topic)] == [b"person-1"] * 2


def test_a_publisher_that_nobody_waits_for_delivers_again_once_events_have_timed_out(
    kafka: str, topic: str, leaving: LeavingBroker, clients: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "_STILL_S", 1.0)
    reported: list[object] = []
    config = {"delivery.timeout.ms": 1000, "linger.ms": 0}
    publisher = Publisher(leaving.bootstrap, topic, config, lambda _, error: reported.append(error))
    publisher.publish(survey("person-1", 1))
    leaving.desert(clients[0])
    leaving.send_on(kafka)

    def delivered() -> bool:
        publisher.publish(survey("person-1", 2))
        time.sleep(0.1)
        return None in reported

    until(delivered)


def test_dead_letters_are_delivered(
    kafka: str, topic: str, leaving: LeavingBroker, clients: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "_FLUSH_LIMIT_S", 6)
    monkeypatch.setitem(producer._LETTERS, "delivery.timeout.ms", 1000)
    letters = DeadLetters({"bootstrap.servers": leaving.bootstrap}, "log", topic)
    leaving.desert(clients[0])
    leaving.send_on(kafka)
    dead = decode(batch([LogRecord(b"person-1", b"no event", 0)]))

    def sent() -> bool:
        with suppress(DeadLettersUndelivered):
            letters.send(dead)
            return True
        return False

    until(sent)
    assert read_log(kafka, topic)[-1].value == b"no event"


def test_the_catalogue_is_read_on(
    kafka: str, topic: str, leaving: LeavingBroker, clients: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_topic, "QUIET_S", 0.0)
    write(kafka, topic, [said(course())])
    with closing(CatalogueReader({"bootstrap.servers": leaving.bootstrap}, topic)) as reader:
        leaving.desert(clients[0])
        leaving.send_on(kafka)
        until(reader.read)
