"""The Kafka that the settings name: reached before anything else is done, and asked what it holds."""

import logging
import re
from typing import Any, Final

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs re-export only some of these
    AdminClient,
    ClusterMetadata,
    ConfigResource,
    OffsetSpec,
    ResourceType,
)

from dompet.schemas.errors import DompetError
from dompet.streams.kafka.advertised import elsewhere, unreachable
from dompet.streams.kafka.producer import without_passwords
from dompet.streams.settings import Settings

_REACH_LIMIT_S: Final = 5.0
_CLUSTER_LIMIT_S: Final = 10.0
_ASK_LIMIT_S: Final = 30.0
_log = logging.getLogger("dompet.kafka")
_log.addHandler(logging.NullHandler())


class KafkaUnreachable(DompetError):
    """No Kafka is named and none runs here, or the one named does not answer."""


def admin_client(settings: Settings) -> AdminClient:
    """A client of the Kafka that the settings name; KafkaUnreachable where it does not answer in time."""
    said: list[str] = []

    def listen(error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            said.append(error.str())

    try:
        config: dict[str, Any] = {**settings.kafka_settings(), "error_cb": listen}
        client = AdminClient(config, logger=_log)
    except KafkaException as error:
        raise KafkaUnreachable(f"the settings of librdkafka (kafka) do not hold: {error.args[0].str()}") from None
    try:
        found = client.list_topics(timeout=_REACH_LIMIT_S)
    except KafkaException as error:
        client.poll(0)  # has `listen` called with the reason
        why = re.sub(r"^\S*/bootstrap: | \(after \d+ms .*\)$", "", said[-1] if said else error.args[0].str())
        raise KafkaUnreachable(
            f"no Kafka broker answers at {settings.kafka} within {_REACH_LIMIT_S:g} s: {why}"
        ) from None
    if why := unreachable(found.brokers.values()):  # type: ignore[arg-type]  # its host is declared as None
        raise KafkaUnreachable(elsewhere(without_passwords(settings.kafka or ""), why))
    return client


def cluster(admin: AdminClient, limit_s: float = _CLUSTER_LIMIT_S) -> ClusterMetadata:
    """What the brokers report about themselves and of all topics; KafkaUnreachable where none answers any more."""
    try:
        found = admin.list_topics(timeout=limit_s)
    except KafkaException as error:
        raise KafkaUnreachable(f"the Kafka broker does not answer any more: {error.args[0].str()}") from None
    if not found.brokers:  # so says a cluster's last one while it shuts down
        raise KafkaUnreachable("the Kafka broker is shutting down")
    return found


def log_offsets(admin: AdminClient, topic: str, *, settled: bool = False) -> dict[int, tuple[int, int]]:
    """The first offset of each partition and the one after its last; nothing where there is no such topic.

    `settled`: instead of the one after the last, the one up to which readers are given records: what lies behind it
    belongs to a transaction that is open, or came after it began.
    """
    found = cluster(admin, _ASK_LIMIT_S).topics.get(topic)
    numbers = sorted(found.partitions) if found else []
    level = IsolationLevel.READ_COMMITTED if settled else IsolationLevel.READ_UNCOMMITTED
    specs = OffsetSpec.earliest(), OffsetSpec.latest()
    first, after_last = (_offsets(admin, topic, numbers, spec, level) for spec in specs)
    return {number: (first[number], after_last[number]) for number in numbers}


def _offsets(
    admin: AdminClient, topic: str, numbers: list[int], spec: OffsetSpec, level: IsolationLevel
) -> dict[int, int]:
    asked = {TopicPartition(topic, number): spec for number in numbers}
    answers = admin.list_offsets(asked, isolation_level=level, request_timeout=_ASK_LIMIT_S) if asked else {}
    try:
        found = {partition.partition: int(answer.result().offset) for partition, answer in answers.items()}
    except KafkaException as error:
        raise KafkaUnreachable(f"topic {topic}: its offsets cannot be read: {error.args[0].str()}") from None
    if any(offset < 0 for offset in found.values()):  # where the broker left in the middle of its answers
        raise KafkaUnreachable(f"topic {topic}: its offsets cannot be read: the broker did not answer")
    return found


def broker_version(admin: AdminClient, broker_id: int) -> str | None:
    """The release a broker speaks for, as its settings show: those before 4.0 do, later ones say nothing."""
    resource = ConfigResource(ResourceType.BROKER, str(broker_id))
    try:
        settings = admin.describe_configs([resource], request_timeout=_ASK_LIMIT_S)[resource].result()
    except KafkaException:
        return None
    spoken = settings.get("inter.broker.protocol.version")
    return str(spoken.value) if spoken and spoken.value else None
