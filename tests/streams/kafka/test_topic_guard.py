"""Topics that are not as the journal needs them are refused by name, when a worker starts and while it runs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions  # type: ignore[attr-defined]  # not in its stubs

from dompet.infra.ports import HOST, free_port
from dompet.schemas.topics import declared_topics
from dompet.streams.kafka.admin_session import AdminSession
from dompet.streams.kafka.topic_guard import TopicGuard, UnfitTopic
from dompet.streams.kafka.topics import TopicUnavailable, ensure_topics, unfit
from dompet.streams.settings import Settings, read_settings
from tests.support.logs import alter, made_log

UNFIT = {
    "message.timestamp.type": (
        "CreateTime",
        "LogAppendTime",
        "publishers, not the broker, would say when an event was",
    ),
    "cleanup.policy": ("compact", "delete", "all but the last event of a person would go"),
    "retention.ms": ("604800000", "-1", "events would expire"),
    "retention.bytes": ("1000000", "-1", "events would be deleted once the log is large"),
}


@pytest.fixture
def topic(kafka_admin: AdminClient) -> Iterator[str]:
    with made_log(kafka_admin) as topic:
        yield topic


@pytest.fixture
def settings(kafka: str, topic: str, tmp_path: Path) -> Settings:
    return read_settings(kafka=kafka, home=tmp_path, log_topic=topic)


def guard(admin: AdminClient, settings: Settings, **more: Any) -> TopicGuard:
    settings = settings.changed(**more)
    return TopicGuard(settings, AdminSession(settings, admin), 12)


def test_topics_as_declared_are_fit(kafka_admin: AdminClient, settings: Settings) -> None:
    guard(kafka_admin, settings).check()
    assert unfit(kafka_admin, settings.topics) == []


@pytest.mark.parametrize("name", UNFIT)
def test_a_log_whose_setting_makes_the_journal_wrong_is_refused_while_a_worker_runs(
    kafka_admin: AdminClient, settings: Settings, topic: str, name: str
) -> None:
    value, needed, why = UNFIT[name]
    watching = guard(kafka_admin, settings)
    watching.check()
    alter(kafka_admin, topic, name, value)
    with pytest.raises(UnfitTopic) as refused:
        watching.check()
    assert str(refused.value).startswith(f"topic {topic}: {name} is {value}, where {needed} is needed: {why}")
    assert str(refused.value).endswith(": change the topic, or insist with --accept-topic-settings")


def test_a_log_that_compacts_and_deletes_is_refused(kafka_admin: AdminClient, settings: Settings, topic: str) -> None:
    alter(kafka_admin, topic, "cleanup.policy", "compact,delete")
    with pytest.raises(UnfitTopic, match=r"cleanup.policy is compact,delete, where delete is needed"):
        guard(kafka_admin, settings).check()


def test_who_insists_is_let_through_and_warned_once_but_never_to_sweep(
    kafka_admin: AdminClient, settings: Settings, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    alter(kafka_admin, topic, "message.timestamp.type", "CreateTime")
    alter(kafka_admin, topic, "retention.ms", "1000000")
    accepting = guard(kafka_admin, settings, accept_topic_settings=True)
    for _ in range(2):
        accepting.check()
    assert len(accepting.accepted) == 2
    assert [line.endswith("; accepted by --accept-topic-settings") for line in caplog.messages] == [True, True]
    with pytest.raises(UnfitTopic, match=r"deadlines are not swept by such a log, whatever is accepted"):
        guard(kafka_admin, settings, accept_topic_settings=True, sweep_seconds=1).check()


def test_a_log_that_got_more_partitions_is_refused_whatever_is_accepted(
    kafka_admin: AdminClient, settings: Settings, topic: str
) -> None:
    accepting = guard(kafka_admin, settings, accept_topic_settings=True)
    accepting.check()
    kafka_admin.create_partitions([NewPartitions(topic, 24)])[topic].result()
    said = f"^topic {topic}: it has 24 partitions now, and had 12 when this worker started: a person's events would lie"
    for check in (accepting.check_partitions, accepting.check):
        with pytest.raises(UnfitTopic, match=said):
            check()


def test_a_catalogue_of_many_partitions_or_that_expires_is_refused(kafka_admin: AdminClient) -> None:
    declared = declared_topics().catalogue
    other = replace(declared, name="test-catalogue", partitions=2, config={"cleanup.policy": "delete"})
    ensure_topics(kafka_admin, [other])
    assert unfit(kafka_admin, [replace(declared, name="test-catalogue")]) == [
        "topic test-catalogue: cleanup.policy is delete, where compact is needed: listings would expire",
        "topic test-catalogue: partitions is 2, where 1 is needed: only the first partition is read",
    ]
    kafka_admin.delete_topics(["test-catalogue"])["test-catalogue"].result()


def test_a_broker_that_does_not_answer_says_nothing_of_its_topics(settings: Settings) -> None:
    nobody = f"{HOST}:{free_port()}"
    away = guard(AdminClient({"bootstrap.servers": nobody, "log_level": 0}), settings, kafka=nobody)
    for _ in range(2):
        with pytest.raises(TopicUnavailable, match=r"^the broker did not describe topic "):
            away.check()
