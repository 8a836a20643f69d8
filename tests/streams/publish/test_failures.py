"""What cannot be published is said in a sentence, in bounded time, and nothing is lost without a word."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from dompet.infra.broker import LocalBroker
from dompet.schemas.events import Event, IncentivePayoutFailed
from dompet.schemas.topics import Topic
from dompet.streams.kafka.producer import SettingRefused
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.publish import BrokerUnreachable, DeliveryError, DeliveryFailed, Publisher
from dompet.streams.publish import publisher as publish
from tests.schemas.surveys import survey
from tests.support.kafka import JARS, LogTopicMaker
from tests.support.log_reader import read_log


def test_a_refused_event_is_raised_at_exit_with_its_reason(kafka: str, deaf_topic: str) -> None:
    sentence = f"^3 events are not delivered to {deaf_topic}, the first because: Broker: Message size too large$"
    with pytest.raises(DeliveryFailed, match=sentence) as failure, Publisher(kafka, deaf_topic) as publisher:
        for number in range(3):
            publisher.publish(survey("person-1", number))
    assert failure.value.failed == 3


def test_a_refused_event_is_raised_once_by_flush_and_the_publisher_goes_on(kafka: str, deaf_topic: str) -> None:
    with Publisher(kafka, deaf_topic) as publisher:
        for _ in range(2):
            publisher.publish(survey("person-1", 1))
            with pytest.raises(DeliveryFailed, match=r"^1 event is not delivered"):
                publisher.flush()


def test_a_refused_event_is_raised_by_a_later_publish(kafka: str, deaf_topic: str) -> None:
    publisher = Publisher(kafka, deaf_topic)
    publisher.publish(survey("person-1", 1))
    deadline = time.monotonic() + 30
    with pytest.raises(DeliveryFailed, match="not delivered"):
        while time.monotonic() < deadline:
            publisher.publish(survey("person-1", 1))
            time.sleep(0.05)


def test_a_refused_event_does_not_mask_an_exception_of_the_with_block(kafka: str, deaf_topic: str) -> None:
    with pytest.raises(KeyError) as raised, Publisher(kafka, deaf_topic) as publisher:
        publisher.publish(survey("person-1", 1))
        raise KeyError("mine")
    assert raised.value.__notes__[0].startswith("1 event is not delivered")


def test_a_refused_event_is_reported_to_the_callback_and_not_raised(kafka: str, deaf_topic: str) -> None:
    reported: list[tuple[Event, DeliveryError | None]] = []
    event = survey("person-1", 1)
    with Publisher(kafka, deaf_topic, on_delivery=lambda event, error: reported.append((event, error))) as publisher:
        publisher.publish(event)
    [(about, error)] = reported
    assert about == event
    assert str(error) == "Broker: Message size too large"


def test_an_event_larger_than_the_settings_allow_is_refused_and_those_before_it_are_delivered(
    kafka: str, log_topic: LogTopicMaker
) -> None:
    topic = log_topic(1)
    large = IncentivePayoutFailed(
        event_id="f-1",
        beneficiary_id="person-1",
        occurred_at=datetime(2020, 5, 1, tzinfo=UTC),
        publisher_id="programme",
        payout_id="p-1",
        amount=600_000,
        channel="c" * 512,
        reason="r" * 512,
    )
    with Publisher(kafka, topic, config={"message.max.bytes": 1000}) as publisher:
        publisher.publish(survey("person-1", 1))
        with pytest.raises(DeliveryFailed, match=f"^{topic} does not take the event: .*too large"):
            publisher.publish(large)
    assert len(read_log(kafka, topic)) == 1


@pytest.mark.server
def test_a_broker_that_dies_ends_in_a_sentence_in_bounded_time(tmp_path: Path) -> None:
    with LocalBroker(tmp_path, 0, libs=JARS) as broker:
        admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
        ensure_topics(admin, [Topic("log", "Dies with its broker.", 1, {})])
        config: Mapping[str, str | int | bool] = {"delivery.timeout.ms": 2_000}
        began = time.monotonic()
        with (
            pytest.raises(DeliveryFailed, match=r"^1 event is not delivered to log, the first because: Local: "),
            Publisher(broker.bootstrap, "log", config=config) as publisher,
        ):
            publisher.publish(survey("person-1", 1))
            publisher.flush()
            broker.kill()
            publisher.publish(survey("person-1", 2))
            with pytest.raises(DeliveryFailed, match=r"^1 event is not acknowledged within 0.3 s$"):
                publisher.flush(timeout_s=0.3)
        assert time.monotonic() - began < 30


def test_servers_that_do_not_answer_are_named_without_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "_REACH_LIMIT_S", 0.5)
    with pytest.raises(BrokerUnreachable, match=r"^no Kafka broker answers at 127.0.0.1:1 within 0.5 s: .*refused"):
        Publisher("127.0.0.1:1")
    with pytest.raises(BrokerUnreachable) as failure:
        Publisher("me:geheim@127.0.0.1:1", config={"sasl.password": "rahasia"})
    assert "geheim" not in str(failure.value)
    assert "rahasia" not in str(failure.value)


def test_an_unknown_topic_is_named_and_not_made(kafka: str, kafka_admin: AdminClient) -> None:
    with pytest.raises(BrokerUnreachable, match=r"has no topic dompet.typo; `dompet topics` creates it"):
        Publisher(kafka, "dompet.typo")
    assert "dompet.typo" not in kafka_admin.list_topics(timeout=10).topics


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("enable.idempotence", False),
        ("enable.idempotence", "false"),
        ("acks", 1),
        ("acks", "0"),
        ("request.required.acks", 1),
        ("partitioner", "consistent_random"),
        ("queuing.strategy", "lifo"),
        ("transactional.id", "mine"),
        ("bootstrap.servers", "elsewhere:9092"),
        ("max.in.flight", 6),
        ("no.such.setting", "x"),
        ("linger.ms", "soon"),
    ],
)
def test_a_setting_that_would_break_order_or_partition_is_refused_by_name(setting: str, value: str | int) -> None:
    with pytest.raises(SettingRefused, match=setting.replace("linger.ms", "queue.buffering.max.ms")):
        Publisher("127.0.0.1:1", config={setting: value})
