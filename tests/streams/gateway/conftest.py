"""One gateway for the tests of a file."""

from collections.abc import Iterator

import pytest
from confluent_kafka.admin import AdminClient

from dompet.schemas.topics import declared_topics
from dompet.streams.kafka.topics import ensure_topics
from tests.support.gateway import Gateway, publisher, running_gateway, until_taken
from tests.support.kafka import made_log


@pytest.fixture(scope="module")
def gateway(kafka: str, kafka_admin: AdminClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    ensure_topics(kafka_admin, [declared_topics().publishers])
    with running_gateway(kafka, made_log(kafka_admin), tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(scope="module")
def toko(gateway: Gateway) -> tuple[str, str]:
    """A platform's publisher_id and its token, which the gateway knows."""
    entry, token = publisher(gateway.settings)
    until_taken(gateway, token)
    return entry.publisher_id, token
