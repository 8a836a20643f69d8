"""Publishing to a real Kafka, read back by kafka-python, which shares no code with the publisher."""

from typing import Any

import pytest

from dompet.schemas.errors import DompetError, InvalidEvent
from dompet.schemas.events import EVENT_CLASSES, Event, SurveySubmitted
from dompet.schemas.json_lines import read_event
from dompet.schemas.murmur2 import partition_of
from dompet.schemas.wire import decode, encode
from dompet.streams.publish import DeliveryError, Publisher
from tests.schemas.examples import VALID
from tests.schemas.surveys import survey
from tests.support.kafka import LogTopicMaker
from tests.support.kafka_python import KafkaProducer
from tests.support.log_reader import LogRecord, read_log


def _surveys(people: int, each: int) -> list[SurveySubmitted]:
    return [survey(f"person-{person}", number) for number in range(each) for person in range(people)]


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
    event = survey("person-1", 1)
    seen: list[Event] = []
    with Publisher(kafka, topic, on_delivery=lambda event, error: seen.append(event)) as publisher:
        publisher.publish_fields(*decode(encode(event)))
    assert [record.value for record in read_log(kafka, topic)] == [encode(event)]
    assert [encode(event) for event in seen] == [encode(event)]


def test_another_client_finds_the_same_partition(kafka: str, log_topic: LogTopicMaker) -> None:
    ours, theirs = log_topic(7), log_topic(7)
    events: list[Event] = [survey(f"person-{number}", 1) for number in range(200)]
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
        publisher.publish(survey("person-1", 1))
        with pytest.raises(InvalidEvent, match="SurveySubmitted: beneficiary_id has 16 digits"):
            publisher.publish(survey("3171234567890123", 1))
        publisher.publish(survey("person-1", 2))
    assert [decode(record.value)[1]["survey_no"] for record in read_log(kafka, topic)] == [1, 2]


def test_a_full_queue_makes_the_publisher_wait(kafka: str, log_topic: LogTopicMaker) -> None:
    records = _published(
        kafka, log_topic(2), list(_surveys(people=10, each=100)), config={"queue.buffering.max.messages": 10}
    )
    assert len(records) == 1000


def test_flush_returns_once_everything_is_on_the_log(kafka: str, log_topic: LogTopicMaker) -> None:
    topic = log_topic(1)
    with Publisher(kafka, topic, config={"linger.ms": 5_000}) as publisher:
        publisher.publish(survey("person-1", 1))
        publisher.flush(timeout_s=30)
        assert len(read_log(kafka, topic)) == 1


def test_each_event_is_reported_once_it_is_acknowledged(kafka: str, log_topic: LogTopicMaker) -> None:
    reported: list[tuple[Event, DeliveryError | None]] = []
    events: list[Event] = list(_surveys(people=3, each=4))
    _published(kafka, log_topic(1), events, on_delivery=lambda event, error: reported.append((event, error)))
    assert reported == [(event, None) for event in events]


def test_an_exception_in_the_with_block_comes_out_after_what_was_published_before_is_delivered(
    kafka: str, log_topic: LogTopicMaker
) -> None:
    topic = log_topic(1)
    with pytest.raises(KeyError, match="mine"), Publisher(kafka, topic) as publisher:
        publisher.publish(survey("person-1", 1))
        raise KeyError("mine")
    assert len(read_log(kafka, topic)) == 1


def test_a_closed_publisher_takes_no_more_events(kafka: str, log_topic: LogTopicMaker) -> None:
    with Publisher(kafka, log_topic(1)) as publisher:
        pass
    with pytest.raises(DompetError, match="the publisher is closed"):
        publisher.publish(survey("person-1", 1))
