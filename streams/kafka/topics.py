"""The topics as declared in `schemas/topics.toml`, made where they are missing and compared where they exist."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs re-export only some of these
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from dompet.schemas.topics import Topic, TopicError

_REQUEST_LIMIT_S = 30.0
_KNOWN_LIMIT_S = 10.0
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class TopicReport:
    """What was found of a topic: it was made now, or it existed and differs in the ways named, if any."""

    name: str
    created: bool
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    partitions: int
    config: Mapping[str, str]


def ensure_topics(admin: AdminClient, topics: Iterable[Topic]) -> list[TopicReport]:
    """Create the topics that are missing, as declared, with the broker's default replication; report on all.

    A topic that exists is never changed. Returns once the broker knows the new ones; raises TopicError.
    """
    topics = list(topics)
    found = _describe(admin, topics)
    created = {topic.name for topic in topics if topic.name not in found and _create(admin, topic)}
    _wait_until_known(admin, [topic for topic in topics if topic.name not in found])
    return [
        TopicReport(topic.name, topic.name in created, tuple(_compare(topic, found.get(topic.name))))
        for topic in topics
    ]


def differences(admin: AdminClient, topics: Iterable[Topic]) -> list[str]:
    """Where the broker's topics are not as declared, a sentence each; raises TopicError."""
    topics = list(topics)
    found = _describe(admin, topics)
    missing = [f"topic {topic.name}: does not exist" for topic in topics if topic.name not in found]
    return missing + [sentence for topic in topics for sentence in _compare(topic, found.get(topic.name))]


def partition_counts(admin: AdminClient, topics: Iterable[Topic]) -> dict[str, int]:
    """How many partitions each topic has, by name, of those that exist; raises TopicError."""
    # Not list_topics(name): on a broker that makes topics by itself, asking that way makes one.
    answers = admin.describe_topics(TopicCollection([t.name for t in topics]), request_timeout=_REQUEST_LIMIT_S)
    counts = {}
    for name, answer in answers.items():
        try:
            counts[name] = len(answer.result().partitions)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise _refusal("describe", name, error) from error
    return counts


def _compare(topic: Topic, found: _Found | None) -> Iterator[str]:
    if found is None:
        return
    if found.partitions != topic.partitions:
        yield f"topic {topic.name}: has {found.partitions} partitions, {topic.partitions} are declared"
    for key, declared in topic.config.items():
        if (actual := found.config.get(key)) != declared:
            yield f"topic {topic.name}: {key} is {actual}, {declared} is declared"


def _describe(admin: AdminClient, topics: list[Topic]) -> dict[str, _Found]:
    partitions = partition_counts(admin, topics)
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in partitions]
    answers = admin.describe_configs(resources, request_timeout=_REQUEST_LIMIT_S) if resources else {}
    found = {}
    for resource, answer in answers.items():
        try:
            config = {key: entry.value for key, entry in answer.result().items()}
        except KafkaException as error:
            raise _refusal("describe", resource.name, error) from error
        found[resource.name] = _Found(partitions[resource.name], config)
    return found


def _create(admin: AdminClient, topic: Topic) -> bool:
    """Whether the topic was made by this call, and not by another process just before."""
    new = NewTopic(topic.name, topic.partitions, replication_factor=-1, config=dict(topic.config))
    try:
        admin.create_topics([new], request_timeout=_REQUEST_LIMIT_S)[topic.name].result()
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise _refusal("create", topic.name, error) from error
        return False
    return True


def _wait_until_known(admin: AdminClient, topics: list[Topic]) -> None:
    # A broker answers that a topic is made a little before it can be asked about it.
    deadline = time.monotonic() + _KNOWN_LIMIT_S
    while topics and len(partition_counts(admin, topics)) < len(topics):
        if time.monotonic() > deadline:
            raise TopicError(f"the broker does not know {topics[0].name} {_KNOWN_LIMIT_S:.0f} s after making it")
        time.sleep(_POLL_S)


def _refusal(action: str, name: str, error: KafkaException) -> TopicError:
    return TopicError(f"the broker did not {action} topic {name}: {error.args[0].str()}")
