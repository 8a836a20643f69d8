"""What is in the log is read up to where it ends, and not a moment longer is waited."""

import time

import pytest
from confluent_kafka import Producer

from dompet.streams.kafka import records as log
from dompet.streams.kafka.records import reading
from dompet.streams.parsing.places import Place
from tests.support.kafka import LogTopicMaker
from tests.support.logs import RawRecord, write

RECORDS = [RawRecord(b"key", b"value %d" % number, 0) for number in range(log._CHUNK * 2 + 500)]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that waits for what does not come waits longer than any test may take."""
    monkeypatch.setattr(log, "_SILENT_S", 3_600)


def test_every_record_is_read_up_to_the_logs_end(kafka: str, log_topic: LogTopicMaker) -> None:
    topic = log_topic(partitions=1)
    write(kafka, topic, RECORDS)
    with reading({"bootstrap.servers": kafka}, topic) as reader:
        low, high = reader.ends(0)
        assert [record.value for record in reader.between(0, low, high)] == [record.value for record in RECORDS]
        assert [record.place.offset for record in reader.between(0, 7, 9)] == [7, 8]
        assert list(reader.between(0, 9, 9)) == []
        assert set(reader.at([Place(0, 1), Place(0, high - 1), Place(0, high)])) == {Place(0, 1), Place(0, high - 1)}


def test_the_marker_of_a_transaction_at_the_logs_end_is_no_record(kafka: str, log_topic: LogTopicMaker) -> None:
    topic = log_topic(partitions=1)
    producer = Producer({"bootstrap.servers": kafka, "transactional.id": topic, "log_level": 0})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, b"value", b"key", 0)
    producer.commit_transaction(30)
    with reading({"bootstrap.servers": kafka}, topic) as reader:
        while reader.ends(0) != (0, 2):  # the broker writes the marker when it has answered
            time.sleep(0.02)
        assert [record.value for record in reader.between(0, 0, 2)] == [b"value"]
