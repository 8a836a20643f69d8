"""Publishing to a real Kafka, read back by kafka-python, which shares no code with the publisher."""

import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient
from dompet.infra.broker import LocalBroker
from dompet.schemas.errors import DompetError, InvalidEvent
from dompet.schemas.events import EVENT_CLASSES, Event, SurveySubmitted
from dompet.schemas.json_lines import read_event
from dompet.schemas.partitions import partition_of
from dompet.schemas.wire import decode, encode
from dompet.streams import publish
from dompet.streams.producer_settings import SettingRefused
from dompet.streams.publish import BrokerUnreachable, DeliveryError, DeliveryFailed, Publisher
from dompet.streams.topics import Topic, ensure_topics

from tests.schemas.test_examples import VALID
from tests.streams.log_reader import LogRecord, read_log
from tests.support.kafka import JARS, LogTopicMaker
from tests.support.kafka_python import KafkaProducer


def _survey(person: str, number: int) -> SurveySubmitted:
    return SurveySubmitted(
        event_id=f"{person}-{number}",
        beneficiary_id=person,
        occurred_at=datetime(2020, 5, 1, tzinfo=UTC),
        publisher_id="programme",
        survey_no=number,
    )


def _surveys(people: int, each: int) -> list[SurveySubmitted]:
    return [_survey(f"person-{person}", number) for number in range(each) for person in range(people)]


def _published(kafka: str, topic: str, events: list[Event], **settings: Any) -> list[LogRecord]:
    with Publisher(kafka, topic, **settings) as publisher:
        for event in events:
            publisher.publish(event)
    return read_log(kafka, topic)


def test_every_type_of_event_arrives_byte_for_byte_under_its_key_in_its_partition(
    kafka: str, log_topic: LogTopicMaker
) -> None:
    events = [read_event(line) for _, line in VALID]
    assert {type(event) for event in events} == set(EVENT_CLASSES.values())
    records = _published(kafka, log_topic(), events)
    assert sorted((record.key, record.value) for record in records) == sorted(
        (event.beneficiary_id.encode(), encode(event)) for event in events
    )
    assert all(record.partition == partition_of(record.key, 12) for record in records)


def test_events_of_one_person_keep_their_order(kafka: str, log_topic: LogTopicMaker) -> None:
    records = _published(kafka, log_topic(3), list(_surveys(people=20, each=100)))
    for person in range(20):
        mine = [decode(record.value)[1]["survey_no"] for record in records if record.key == f"person-{person}".encode()]
        assert mine == list(range(100))


def test_fields_are_published_as_the_event_that_has_them(kafka: str, log_topic: LogTopicMaker) -> None:
    topic = log_topic(1)
    event = _survey("person-1", 1)
    seen: list[Event] = []
    with Publisher(kafka, topic, on_delivery=lambda event, error: seen.append(event)) as publisher:
        publisher.publish_fields(*decode(encode(event)))
    assert [record.value for record in read_log(kafka, topic)] == [encode(event)]
    assert [encode(event) for event in seen] == [encode(event)]


def test_another_client_finds_the_same_partition(kafka: str, log_topic: LogTopicMaker) -> None:
    ours, theirs = log_topic(7), log_topic(7)
    events: list[Event] = [_survey(f"person-{number}", 1) for number in range(200)]
    producer = KafkaProducer(bootstrap_servers=kafka)
    for event in events:
        producer.send(theirs, key=event.beneficiary_id.encode(), value=encode(event))
    producer.close()
    placed = {(record.partition, record.value) for record in _published(kafka, ours, events)}
    assert placed == {(record.partition, record.value) for record in read_log(kafka, theirs)}


def test_an_event_that_breaks_its_contract_is_refused_at_once_and_not_sent(
    kafka: str, log_topic: LogTopicMaker
) -> None:
    topic = log_topic(1)
    with Publisher(kafka, topic) as publisher:
        publisher.publish(_survey("person-1", 1))
        with pytest.raises(InvalidEvent, match="SurveySubmitted: beneficiary_id has 16 digits"):
            publisher.publish(_survey("3171234567890123", 1))
        publisher.publish(_survey("person-1", 2))
    assert [decode(record.value)[1]["survey_no"] for record in read_log(kafka, topic)] == [1, 2]


def test_a_full_queue_makes_the_publisher_wait(kafka: str, log_topic: LogTopicMaker) -> None:
    records = _published(
        kafka, log_topic(2), list(_surveys(people=10, each=100)), config={"queue.buffering.max.messages": 10}
    )
    assert len(records) == 1000


def test_flush_returns_once_everything_is_on_the_log(kafka: str, log_topic: LogTopicMaker) -> None:
    topic = log_topic(1)
    with Publisher(kafka, topic, config={"linger.ms": 5_000}) as publisher:
        publisher.publish(_survey("person-1", 1))
        publisher.flush(timeout_s=30)
        assert len(read_log(kafka, topic)) == 1


def test_each_event_is_reported_once_it_is_acknowledged(kafka: str, log_topic: LogTopicMaker) -> None:
    told: list[tuple[Event, DeliveryError | None]] = []
    events: list[Event] = list(_surveys(people=3, each=4))
    _published(kafka, log_topic(1), events, on_delivery=lambda event, error: told.append((event, error)))
    assert told == [(event, None) for event in events]


def test_an_exception_in_the_with_block_comes_out_after_what_was_published_before_is_delivered(
    kafka: str, log_topic: LogTopicMaker
) -> None:
    topic = log_topic(1)
    with pytest.raises(KeyError, match="mine"), Publisher(kafka, topic) as publisher:
        publisher.publish(_survey("person-1", 1))
        raise KeyError("mine")
    assert len(read_log(kafka, topic)) == 1


def test_a_closed_publisher_takes_no_more_events(kafka: str, log_topic: LogTopicMaker) -> None:
    with Publisher(kafka, log_topic(1)) as publisher:
        pass
    with pytest.raises(DompetError, match="the publisher is closed"):
        publisher.publish(_survey("person-1", 1))


@pytest.fixture
def deaf_topic(kafka_admin: AdminClient) -> Iterator[str]:
    """A topic whose broker refuses every event: all are too large for it."""
    topic = Topic(f"test-{uuid.uuid4()}", "Refuses everything.", 1, {"max.message.bytes": "20"})
    ensure_topics(kafka_admin, [topic])
    yield topic.name
    kafka_admin.delete_topics([topic.name])[topic.name].result()


def test_a_refused_event_is_raised_at_exit_with_its_reason(kafka: str, deaf_topic: str) -> None:
    sentence = f"^3 events were not delivered to {deaf_topic}, the first because: Broker: Message size too large$"
    with pytest.raises(DeliveryFailed, match=sentence) as failure, Publisher(kafka, deaf_topic) as publisher:
        for number in range(3):
            publisher.publish(_survey("person-1", number))
    assert failure.value.failed == 3


def test_a_refused_event_is_raised_once_by_flush_and_the_publisher_goes_on(kafka: str, deaf_topic: str) -> None:
    with Publisher(kafka, deaf_topic) as publisher:
        for _ in range(2):
            publisher.publish(_survey("person-1", 1))
            with pytest.raises(DeliveryFailed, match=r"^1 events were not delivered"):
                publisher.flush()


def test_a_refused_event_is_raised_by_a_later_publish(kafka: str, deaf_topic: str) -> None:
    publisher = Publisher(kafka, deaf_topic)
    publisher.publish(_survey("person-1", 1))
    deadline = time.monotonic() + 30
    with pytest.raises(DeliveryFailed, match="not delivered"):
        while time.monotonic() < deadline:
            publisher.publish(_survey("person-1", 1))
            time.sleep(0.05)


def test_a_refused_event_does_not_mask_an_exception_of_the_with_block(kafka: str, deaf_topic: str) -> None:
    with pytest.raises(KeyError) as raised, Publisher(kafka, deaf_topic) as publisher:
        publisher.publish(_survey("person-1", 1))
        raise KeyError("mine")
    assert raised.value.__notes__[0].startswith("1 events were not delivered")


def test_a_refused_event_is_told_to_the_callback_and_not_raised(kafka: str, deaf_topic: str) -> None:
    told: list[tuple[Event, DeliveryError | None]] = []
    event = _survey("person-1", 1)
    with Publisher(kafka, deaf_topic, on_delivery=lambda event, error: told.append((event, error))) as publisher:
        publisher.publish(event)
    [(about, error)] = told
    assert about == event
    assert str(error) == "Broker: Message size too large"


def test_a_broker_that_dies_ends_in_a_sentence_in_bounded_time(tmp_path: Path) -> None:
    with LocalBroker(tmp_path, 0, libs=JARS) as broker:
        admin = AdminClient({"bootstrap.servers": broker.bootstrap})
        ensure_topics(admin, [Topic("log", "Dies with its broker.", 1, {})])
        config: Mapping[str, str | int | bool] = {"delivery.timeout.ms": 2_000}
        began = time.monotonic()
        with (
            pytest.raises(DeliveryFailed, match=r"^1 events were not delivered to log, the first because: Local: "),
            Publisher(broker.bootstrap, "log", config=config) as publisher,
        ):
            publisher.publish(_survey("person-1", 1))
            publisher.flush()
            broker.kill()
            publisher.publish(_survey("person-1", 2))
            with pytest.raises(DeliveryFailed, match=r"^1 events are not acknowledged within 0.3 s$"):
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
