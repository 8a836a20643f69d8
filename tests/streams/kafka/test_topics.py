"""Topics are made as declared, never changed, and compared with what is declared."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from confluent_kafka.admin import AdminClient

from dompet.schemas.errors import DompetError
from dompet.schemas.topics import Topics, declared_topics
from dompet.streams.kafka.topics import TopicReport, differences, ensure_topics
from tests.support.kafka import LogTopicMaker


@pytest.fixture
def topics(kafka_admin: AdminClient) -> Iterator[Topics]:
    """The declared topics under names that no other test uses."""
    declared = declared_topics(log=f"test-{uuid.uuid4()}")
    named = {"catalogue": declared.catalogue, "access": declared.access, "publishers": declared.publishers}
    topics = replace(declared, **{role: replace(one, name=f"test-{uuid.uuid4()}") for role, one in named.items()})
    yield topics
    for deleted in kafka_admin.delete_topics([topic.name for topic in topics]).values():
        deleted.exception()


def test_the_log_is_declared_to_keep_everything_under_the_brokers_time() -> None:
    topics = declared_topics()
    assert [topic.name for topic in topics] == [
        "dompet.events",
        "dompet.catalogue",
        "dompet.access",
        "dompet.publishers",
        "dompet.events-dlq",
    ]
    assert topics.log.partitions == 12
    assert topics.log.config["retention.ms"] == "-1"
    assert topics.log.config["cleanup.policy"] == "delete"
    assert topics.log.config["message.timestamp.type"] == "LogAppendTime"


def test_another_log_has_dead_letters_of_its_own() -> None:
    topics = declared_topics(log="rehearsal")
    others = ["dompet.catalogue", "dompet.access", "dompet.publishers"]
    assert [topic.name for topic in topics] == ["rehearsal", *others, "rehearsal-dlq"]
    assert topics.log.config == declared_topics().log.config


@pytest.mark.parametrize(
    "name",
    ["", "two words", "straße", "a/b", "x" * 246, "dompet.catalogue", "dompet.access", "dompet.publishers"],
)
def test_a_name_that_cannot_be_the_logs_is_refused(name: str) -> None:
    with pytest.raises(DompetError, match=f"^topic name {name!r}: "):
        declared_topics(log=name)


def test_missing_topics_are_made_as_declared(kafka_admin: AdminClient, topics: Topics) -> None:
    assert differences(kafka_admin, topics) == [f"topic {topic.name}: does not exist" for topic in topics]
    assert ensure_topics(kafka_admin, topics) == [TopicReport(topic.name, True, ()) for topic in topics]
    assert differences(kafka_admin, topics) == []
    assert ensure_topics(kafka_admin, topics) == [TopicReport(topic.name, False, ()) for topic in topics]


def test_a_topic_that_differs_is_reported_and_left_as_it_is(kafka_admin: AdminClient, topics: Topics) -> None:
    other = replace(topics.log, partitions=2, config={**topics.log.config, "retention.ms": "86400000"})
    ensure_topics(kafka_admin, [other])
    found = (
        f"topic {topics.log.name}: has 2 partitions, 12 are declared",
        f"topic {topics.log.name}: retention.ms is 86400000, -1 is declared",
    )
    assert ensure_topics(kafka_admin, [topics.log]) == [TopicReport(topics.log.name, False, found)]
    assert differences(kafka_admin, [topics.log]) == list(found)
    assert differences(kafka_admin, [other]) == []


def test_a_setting_that_the_broker_refuses_is_one_sentence(kafka_admin: AdminClient, topics: Topics) -> None:
    with pytest.raises(DompetError, match=f"^the broker did not create topic {topics.log.name}: .*retention.ms"):
        ensure_topics(kafka_admin, [replace(topics.log, config={"retention.ms": "soon"})])


def test_a_broker_that_does_not_answer_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dompet.streams.kafka.topics._REQUEST_LIMIT_S", 0.5)
    nobody = AdminClient({"bootstrap.servers": "127.0.0.1:1", "log_level": 0})
    with pytest.raises(DompetError, match=r"^the broker did not describe topic dompet\.events: "):
        differences(nobody, declared_topics())


def test_the_helper_for_tests_makes_a_log_with_its_dead_letters(
    kafka_admin: AdminClient, log_topic: LogTopicMaker
) -> None:
    name = log_topic(partitions=3)
    declared = declared_topics(log=name)
    assert differences(kafka_admin, [declared.dead_letters]) == []
    assert differences(kafka_admin, [declared.log]) == [f"topic {name}: has 3 partitions, 12 are declared"]
