"""A real Kafka for the tests. Without Java or Maven they fail: they never pass by being skipped."""

import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from confluent_kafka.admin import AdminClient

from dompet.infra.broker import LocalBroker
from dompet.schemas.topics import Topic, declared_topics
from dompet.streams.kafka.topics import ensure_topics

# Fetched once for a checkout.
JARS = Path(__file__).parents[2] / ".dompet" / "kafka-libs"


class LogTopicMaker(Protocol):
    """Makes a log topic of its own, and its dead-letter topic, as declared; returns its name."""

    def __call__(self, partitions: int | None = None) -> str:
        """`partitions`: of the log, as declared if None."""


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[LocalBroker]:
    """A Kafka of this test run."""
    with tempfile.TemporaryDirectory(prefix="dompet-kafka-") as home, LocalBroker(Path(home), 0, libs=JARS) as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka(kafka_broker: LocalBroker) -> str:
    """Its `bootstrap.servers`."""
    return kafka_broker.bootstrap


@pytest.fixture(scope="session")
def kafka_admin(kafka: str) -> AdminClient:
    """An admin client of the test run's Kafka."""
    # It is still there when the broker has stopped, and would complain.
    return AdminClient({"bootstrap.servers": kafka, "log_level": 0})


def made_log(admin: AdminClient) -> str:
    """A log topic of its own and its dead-letter topic, as declared, which stay as long as the broker; its name."""
    topics = declared_topics(log=f"test-{uuid.uuid4()}")
    ensure_topics(admin, [topics.log, topics.dead_letters])
    return topics.log.name


@pytest.fixture
def log_topic(kafka_admin: AdminClient) -> Iterator[LogTopicMaker]:
    """Log topics with names of their own and the declared settings, deleted after the test."""
    made: list[Topic] = []

    def make(partitions: int | None = None) -> str:
        topics = declared_topics(log=f"test-{uuid.uuid4()}")
        log = replace(topics.log, partitions=partitions or topics.log.partitions)
        made.extend([log, topics.dead_letters])
        ensure_topics(kafka_admin, made[-2:])
        return log.name

    yield make
    for deleted in kafka_admin.delete_topics([topic.name for topic in made]).values() if made else ():
        deleted.result()


@pytest.fixture
def deaf_topic(kafka_admin: AdminClient) -> Iterator[str]:
    """A topic whose broker refuses every event: all are too large for it."""
    topic = Topic(f"test-{uuid.uuid4()}", "Refuses everything.", 1, {"max.message.bytes": "20"})
    ensure_topics(kafka_admin, [topic])
    yield topic.name
    kafka_admin.delete_topics([topic.name])[topic.name].result()
