"""A Kafka that is closed, and who asks there."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from dompet.infra.broker import LocalBroker
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.settings import Settings, read_settings
from tests.support.kafka import JARS


@pytest.fixture(scope="session")
def closed_broker() -> Iterator[LocalBroker]:
    """A closed Kafka of this test run, with all topics; its home is that of dompet's own commands."""
    with (
        tempfile.TemporaryDirectory(prefix="dompet-closed-") as home,
        LocalBroker(Path(home), 0, libs=JARS, secure=True) as broker,
    ):
        settings = read_settings(home=broker.home, kafka=broker.bootstrap)
        ensure_topics(admin_client(settings), settings.topics)
        yield broker


@pytest.fixture
def closed_settings(closed_broker: LocalBroker) -> Settings:
    """Of dompet's own processes."""
    return read_settings(home=closed_broker.home, kafka=closed_broker.bootstrap)


def as_user(servers: str, user: str, password: str) -> dict[str, Any]:
    """librdkafka's settings of somebody's client."""
    return {
        "bootstrap.servers": servers,
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": user,
        "sasl.password": password,
        "log_level": 0,
    }


def refusal(
    client: dict[str, Any], topic: str, key: bytes = b"k", value: bytes = b"v", limit_s: float = 20
) -> KafkaError | None:
    """Why the broker did not take a record; None where it did. Of who is not let in a client says nothing but that it
    took too long.
    """
    said: list[KafkaError | None] = []
    producer = Producer({**client, "message.timeout.ms": int(1000 * limit_s)}, logger=None)
    try:
        producer.produce(topic, value, key, on_delivery=lambda error, _: said.append(error))
    except KafkaException as error:
        return KafkaError(error.args[0].code())
    producer.flush(30)
    return said[0]
