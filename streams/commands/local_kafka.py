"""The local Kafka of a home: found where it runs, started where it does not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from dompet.infra.broker import LocalBroker
from dompet.infra.jars import kafka_version
from dompet.infra.ports import HOST, accepts
from dompet.streams.kafka.admin import KafkaUnreachable
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import done, note, working
from dompet.streams.terminal.figures import Stopwatch

_REACH_LIMIT_S: Final = 5.0
_LOOK_S: Final = 0.5


def with_kafka(settings: Settings) -> Settings:
    """The settings with their Kafka: the one set, else the local one of their home; KafkaUnreachable if none runs."""
    if settings.kafka:
        return settings
    servers = running_on(settings)
    if servers is None:
        raise KafkaUnreachable(
            f"no Kafka is set, and none runs on {settings.home}: start one with `dompet broker`, or set DOMPET_KAFKA"
        )
    return settings.changed(kafka=servers)


def running_on(settings: Settings) -> str | None:
    """Where the local Kafka of the settings' home listens, if it runs."""
    memory = settings.home / "kafka.port"
    port = memory.read_text() if memory.is_file() else ""
    if not port.isdecimal() or not accepts(int(port)):
        return None
    servers = f"{HOST}:{port}"
    client = settings.changed(kafka=servers).kafka_settings()
    try:
        found = AdminClient({**client, "log_level": 0}).list_topics(timeout=_REACH_LIMIT_S)
    except KafkaException:
        return None
    # Another program, or another home's Kafka, may listen on the port by now.
    return servers if found.cluster_id == LocalBroker(settings.home).cluster_id else None


@contextmanager
def own_kafka(settings: Settings, port: int = 0, *, secure: bool = False) -> Iterator[LocalBroker]:
    """The local Kafka of the settings' home, for as long as the block runs; BrokerError where it cannot be started.
    `secure`: closed to all but its users, as it is from then on.
    """
    watch = Stopwatch()
    with working("starting Kafka") as report:
        broker = LocalBroker(settings.home, port, usual=True, secure=secure, progress=report)
        broker.start()
    try:
        done(f"Kafka {kafka_version()} listens on {broker.bootstrap} (up in {watch.seconds:.1f} s)")
        yield broker
    finally:
        with working("stopping Kafka"):
            broker.stop()
        note("Kafka has stopped; its data stay")


@contextmanager
def kafka_of(settings: Settings) -> Iterator[Settings]:
    """The settings with the Kafka that is set or runs already, or else with one that runs as long as the block."""
    if servers := settings.kafka or running_on(settings):
        note(f"the Kafka at {servers} is used")
        yield settings.changed(kafka=servers)
        return
    with own_kafka(settings) as broker:
        yield settings.changed(kafka=broker.bootstrap)


def wait_for(broker: LocalBroker, ended: threading.Event) -> None:
    """Return once the broker has ended, or `ended` is set."""
    while broker.pid is not None and not ended.wait(_LOOK_S):
        pass


def named_version(settings: Settings, kafka: dict[str, Any]) -> str | None:
    """The release of the Kafka that a status speaks of, where it is the home's own."""
    own = (settings.home / "kafka-data").is_dir() and LocalBroker(settings.home).cluster_id
    return kafka_version() if own and kafka.get("cluster_id") == own else None
