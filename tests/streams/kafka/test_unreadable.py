"""What the client library cannot give of the log is read with more room, or stands for itself, offset by offset."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from dompet.infra.broker import LocalBroker
from dompet.schemas.topics import declared_topics
from dompet.streams.kafka import consumer
from dompet.streams.kafka.records import reading
from dompet.streams.kafka.spans import read_log
from dompet.streams.kafka.topics import ensure_topics
from tests.support.kafka import JARS, LogTopicMaker
from tests.support.raw_batches import ZSTD, Record, batch, send, streamed
from tests.support.verifying import Segment

pytestmark = pytest.mark.server

LARGE = 4_000_000
"""How large a batch may be in these tests to be read at all; a third of that, to be read among others."""
CHECKSUM = "the batch does not match its checksum"
PACKED = "the batch cannot be unpacked: damaged, or larger than 268,435,456 bytes"
UNKNOWN = "the batch is of a format or a compression that Kafka's client does not know"
OFFSETS = "the batch gives its records offsets that it does not have"


@pytest.fixture(autouse=True)
def little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "UNPACKED_BYTES", LARGE // 2)
    monkeypatch.setattr(consumer, "UNPACKED_BYTES_MAX", LARGE)
    monkeypatch.setitem(consumer._READING, "message.max.bytes", LARGE // 4)


@pytest.fixture
def topic(log_topic: LogTopicMaker) -> str:
    return log_topic(partitions=1)


def bomb(size: int, records: int = 3) -> bytes:
    """A small batch of a few records that are so many bytes when unpacked."""
    return batch([(b"k", bytes(size // records))] * records, codec=ZSTD)


def found(kafka: str, topic: str, end: int, begin: int = 0, size: int = 100) -> list[tuple[int, bytes | str | None]]:
    """Offset by offset what a reader of the log gets: a value, or why there is none."""
    batches = read_log({"bootstrap.servers": kafka}, topic, 1, {0: (begin, end)}, size, 1 << 20)
    rows = [(int(part.offset[row]), row, part) for part in batches for row in range(len(part))]
    return [(offset, str(part.unreadable.get(row, "")) or part.values[row]) for offset, row, part in rows]


def written(kafka: str, topic: str, *batches: bytes) -> int:
    """Send batches between two ordinary records; where the log ends."""
    ordinary: Record = (b"k", b"ordinary")
    for one in (batch([ordinary]), *batches):
        send(kafka, topic, 0, one)
    return send(kafka, topic, 0, batch([ordinary])) + 1


def test_a_small_batch_that_unpacks_to_much_is_read_with_more_room(kafka: str, topic: str) -> None:
    large = bytes(LARGE * 3 // 4 // 3)
    end = written(kafka, topic, bomb(LARGE * 3 // 4), batch(codec=ZSTD, payload=streamed([(b"k", large)] * 3), count=3))
    assert found(kafka, topic, end) == [
        (0, b"ordinary"),
        *((offset, large) for offset in range(1, 7)),
        (7, b"ordinary"),
    ]


def test_a_batch_that_unpacks_to_too_much_counts_as_exactly_its_offsets(kafka: str, topic: str) -> None:
    end = written(kafka, topic, bomb(2 * LARGE, 5), bomb(2 * LARGE, 1), batch([(b"k", b"between")]), bomb(2 * LARGE))
    whole = [
        (0, b"ordinary"),
        *((offset, PACKED) for offset in range(1, 7)),
        (7, b"between"),
        *((offset, PACKED) for offset in range(8, 11)),
        (11, b"ordinary"),
    ]
    assert found(kafka, topic, end) == whole
    for begin in (1, 3, 6, 9):  # wherever a reader begins, and however many it takes at once
        assert found(kafka, topic, end, begin, size=2) == whole[begin:]
    assert found(kafka, topic, 4, 2) == whole[2:4]


def test_a_record_that_cannot_be_read_stops_no_redrive(kafka: str, topic: str) -> None:
    end = written(kafka, topic, bomb(2 * LARGE), batch([(b"k", b"1"), (b"k", b"2")], deltas=[0, 1_000]))
    with reading({"bootstrap.servers": kafka}, topic) as reader:
        records = list(reader.between(0, 0, end))
    assert [(one.place.offset, one.value) for one in records] == [(0, b"ordinary"), (4, b"1"), (6, b"ordinary")]


def test_records_that_claim_offsets_behind_the_log_s_end_are_not_followed_there(kafka: str, topic: str) -> None:
    claims = batch([(b"k", b"1"), (b"k", b"2")], deltas=[0, 1_000])
    end = written(kafka, topic, claims)
    assert found(kafka, topic, end) == [(0, b"ordinary"), (1, b"1"), (2, OFFSETS), (3, b"ordinary")]
    assert found(kafka, topic, end, 2) == [(2, OFFSETS), (3, b"ordinary")]
    assert send(kafka, topic, 0, claims) == end
    assert found(kafka, topic, end + 2, end) == [(end, b"1"), (end + 1, OFFSETS)]


@pytest.mark.parametrize(
    ("deltas", "read"), [([0, 0, 0], {1: b"1"}), ([2, 1, 0], {3: b"1"}), ([0, -5, 2], {1: b"1", 3: b"3"})]
)
def test_of_records_that_claim_the_same_or_falling_offsets_each_place_has_one(
    kafka: str, topic: str, deltas: list[int], read: dict[int, bytes]
) -> None:
    end = written(kafka, topic, batch([(b"k", b"1"), (b"k", b"2"), (b"k", b"3")], deltas=deltas))
    assert found(kafka, topic, end) == [(0, b"ordinary"), *read.items(), (4, b"ordinary")]


@pytest.fixture
def damaged(tmp_path: Path) -> Iterator[Callable[[Callable[[Segment], object]], str]]:
    """A broker of its own that holds a log of five batches of two records, and harms one of its partition's files."""
    with LocalBroker(tmp_path, libs=JARS, port=0) as broker:
        topic = declared_topics().log
        ensure_topics(AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0}), [topic])
        for number in range(5):
            send(broker.bootstrap, topic.name, 0, batch([(b"k", b"value %d" % number), (b"k", b"second")]))

        def harm(how: Callable[[Segment], object]) -> str:
            broker.stop()
            how(Segment(broker, topic.name, 0))
            broker.start()
            return broker.bootstrap

        yield harm


def test_a_damaged_batch_and_one_of_an_unknown_kind_stand_for_exactly_their_offsets(
    damaged: Callable[[Callable[[Segment], object]], str],
) -> None:
    def harm(segment: Segment) -> None:
        assert segment.flip(b"value 1", mend_checksum=False) == 2
        assert segment.flip(b"value 2", mend_checksum=False) == 4
        assert segment.change_codec(b"value 4", 5) == 8

    kafka = damaged(harm)
    expected = [
        (0, b"value 0"),
        (1, b"second"),
        *((offset, CHECKSUM) for offset in range(2, 6)),
        (6, b"value 3"),
        (7, b"second"),
        (8, UNKNOWN),
        (9, UNKNOWN),
    ]
    topic = declared_topics().log.name
    for begin in (0, 3, 5, 9):
        assert found(kafka, topic, 10, begin) == expected[begin:]
