"""The Kafka that the settings name, or the local one of their home: found, and reached before anything else is done."""

import logging
from typing import Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from dompet.infra.broker import LocalBroker
from dompet.infra.ports import HOST, accepts
from dompet.schemas.errors import DompetError
from dompet.streams.settings import Settings

_REACH_LIMIT_S: Final = 10.0
_log = logging.getLogger("dompet.kafka")
_log.addHandler(logging.NullHandler())


class KafkaUnreachable(DompetError):  # noqa: N818
    """No Kafka is named and none runs here, or the one named does not answer."""


def with_kafka(settings: Settings) -> Settings:
    """The settings with their Kafka: the one set, else the local one of their home; KafkaUnreachable if none runs."""
    if settings.kafka:
        return settings
    servers = local_servers(settings)
    if servers is None:
        raise KafkaUnreachable(
            f"no Kafka is set, and none runs on {settings.home}: start one with `dompet broker`, or set DOMPET_KAFKA"
        )
    return settings.changed(kafka=servers)


def local_servers(settings: Settings) -> str | None:
    """Where the local Kafka of the settings' home listens, if it runs."""
    port = settings.home / "kafka.port"
    number = port.read_text() if port.is_file() else ""
    if not number.isdecimal() or not accepts(int(number)):
        return None
    servers = f"{HOST}:{number}"
    try:
        found = AdminClient({"bootstrap.servers": servers}, logger=_log).list_topics(timeout=_REACH_LIMIT_S)
    except KafkaException:
        return None
    # Another program, or another home's Kafka, may listen on the port by now.
    return servers if found.cluster_id == LocalBroker(settings.home).cluster_id else None


def admin_client(settings: Settings) -> AdminClient:
    """A client of the Kafka that the settings name; KafkaUnreachable where it does not answer within 10 s."""
    said: list[str] = []

    def listen(error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            said.append(error.str())

    config = {**settings.kafka_config, "bootstrap.servers": settings.kafka, "error_cb": listen}
    try:
        client = AdminClient(config, logger=_log)
    except KafkaException as error:
        raise KafkaUnreachable(f"the settings of librdkafka (kafka) do not hold: {error.args[0].str()}") from None
    try:
        client.list_topics(timeout=_REACH_LIMIT_S)
    except KafkaException as error:
        client.poll(0)  # lets `listen` hear why
        why = said[-1] if said else error.args[0].str()
        raise KafkaUnreachable(
            f"no Kafka broker answers at {settings.kafka} within {_REACH_LIMIT_S:g} s: {why}"
        ) from None
    return client
