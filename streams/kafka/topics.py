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
from dompet.streams.kafka.faults import lasts
from dompet.streams.process.patience import Unavailable

_REQUEST_LIMIT_S = 30.0
_KNOWN_LIMIT_S = 10.0
_POLL_S = 0.02


class TopicUnavailable(TopicError, Unavailable):
    """The broker does not describe or create a topic now."""


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


def unfit(admin: AdminClient, topics: Iterable[Topic], limit_s: float | None = None) -> list[str]:
    """Where the broker's topics lack what is needed of them, a sentence each: what is made of them would be wrong.

    A topic that does not exist lacks nothing. Raises TopicError; TopicUnavailable where that may heal.
    """
    topics = list(topics)
    found = _describe(admin, topics, limit_s)
    return [sentence for topic in topics if topic.name in found for sentence in _lacks(topic, found[topic.name])]


def partition_counts(admin: AdminClient, topics: Iterable[Topic], limit_s: float | None = None) -> dict[str, int]:
    """How many partitions each topic has, by name, of those that exist; raises TopicError."""
    # Not list_topics(name): on a broker that makes topics by itself, asking that way makes one.
    names = TopicCollection([topic.name for topic in topics])
    answers = admin.describe_topics(names, request_timeout=limit_s or _REQUEST_LIMIT_S)
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


def _lacks(topic: Topic, found: _Found) -> Iterator[str]:
    for name, why in topic.needed.items():
        declared = str(topic.partitions) if name == "partitions" else topic.config[name]
        actual = str(found.partitions) if name == "partitions" else found.config.get(name)
        if actual != declared:
            yield f"topic {topic.name}: {name} is {actual}, where {declared} is needed: {why}"


def _describe(admin: AdminClient, topics: list[Topic], limit_s: float | None = None) -> dict[str, _Found]:
    partitions = partition_counts(admin, topics, limit_s)
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in partitions]
    answers = admin.describe_configs(resources, request_timeout=limit_s or _REQUEST_LIMIT_S) if resources else {}
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
    kind = TopicError if lasts(error.args[0]) else TopicUnavailable
    return kind(f"the broker did not {action} topic {name}: {error.args[0].str()}")
