"""Publishing a file of JSON lines."""

import io
import os
import tracemalloc
from collections.abc import Iterable
from typing import cast

import pytest

from dompet.schemas.encode import Encoded
from dompet.schemas.varints import Longs
from dompet.schemas.wire import decode
from dompet.streams.publish import DeliveryFailed, Origin, Publisher
from dompet.streams.publish.blocks import LINE_BYTES_MAX, blocks_of
from dompet.streams.publish.counted import LinesPublished, OnError
from dompet.streams.publish.lines import publish_lines
from tests.support.kafka import LogTopicMaker
from tests.support.log_reader import read_log


def _line(number: int) -> bytes:
    return (
        b'{"type": "SurveySubmitted", "event_id": "e-%d", "beneficiary_id": "person-1",'
        b' "occurred_at": "2020-05-01T00:00:00Z", "publisher_id": "programme", "survey_no": %d}' % (number, number)
    )


class Kept:
    """Stands for a publisher: keeps what it is asked to publish, and what of it a flush has covered."""

    def __init__(self) -> None:
        self.published: list[object] = []
        self.flushed: list[object] = []

    def publish_encoded(self, encoded: Encoded, rows: Longs, origin: Origin) -> None:
        self.published += _numbers(encoded.values.row(row) for row in rows.tolist())

    def flush(self) -> None:
        self.flushed = list(self.published)


def _publish(content: bytes, on_error: OnError = OnError.STOP) -> tuple[LinesPublished, list[object], list[str]]:
    kept, said = Kept(), list[str]()
    counts = publish_lines(
        cast(Publisher, kept), io.BytesIO(content), "events.jsonl", on_error=on_error, complain=said.append
    )
    assert kept.flushed == kept.published
    return counts, kept.published, said


def test_lines_are_published_in_their_order() -> None:
    assert _publish(b"\n".join(map(_line, range(5)))) == (LinesPublished(5, 0), [0, 1, 2, 3, 4], [])


def test_a_byte_order_mark_blank_lines_and_carriage_returns_are_no_fault() -> None:
    content = b"\xef\xbb\xbf" + _line(1) + b"\r\n\r\n \t \n" + _line(2) + b"\r\n\n"
    assert _publish(content) == (LinesPublished(2, 0), [1, 2], [])


def test_an_empty_file_has_no_events() -> None:
    assert _publish(b"") == (LinesPublished(0, 0), [], [])


def test_nothing_after_a_bad_line_is_published() -> None:
    counts, published, said = _publish(_line(1) + b"\n\n{]\n" + _line(2))
    assert (counts, published) == (LinesPublished(1, 1), [1])
    assert len(said) == 1
    assert said[0].startswith("events.jsonl:3: the line is not JSON: ")


def test_bad_lines_are_named_and_left_out_when_asked_to_skip_them() -> None:
    counts, published, said = _publish(b"\n".join([_line(1), b"[]", _line(3), b"\xff", _line(4)]), OnError.SKIP)
    assert (counts, published) == (LinesPublished(3, 2), [1, 3, 4])
    assert said == [
        "events.jsonl:2: the line is not a JSON object",
        "events.jsonl:4: the line is not valid UTF-8 at byte 1",
    ]


@pytest.mark.parametrize("filler", [b"x", b" "])
def test_a_line_that_is_too_long_is_named_and_never_held_in_memory(filler: bytes) -> None:
    size = 100 * LINE_BYTES_MAX
    content = _line(1) + b"\n" + filler * size + b"\n" + _line(2)
    tracemalloc.start()
    counts, published, said = _publish(content, OnError.SKIP)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (counts, published) == (LinesPublished(2, 1), [1, 2])
    assert said == [f"events.jsonl:2: the line has {size + 1} bytes; at most {LINE_BYTES_MAX} are allowed"]
    assert peak_bytes < len(content) + 20 * LINE_BYTES_MAX


def test_a_line_of_exactly_the_longest_size_is_read() -> None:
    line = _line(1)
    padded = line[:-1] + b" " * (LINE_BYTES_MAX - len(line) - 1) + b"}\n"
    assert len(padded) == LINE_BYTES_MAX
    assert _publish(padded + _line(2)) == (LinesPublished(2, 0), [1, 2], [])
    assert _publish(b" " + padded + _line(2), OnError.SKIP)[0] == LinesPublished(1, 1)


def test_progress_ends_at_the_size_of_the_file() -> None:
    content = b"\n".join(map(_line, range(5000)))
    reported: list[int] = []
    kept = cast(Publisher, Kept())
    publish_lines(kept, io.BytesIO(content), "f", on_error=OnError.STOP, complain=print, progress=reported.append)
    assert reported == sorted(reported)
    assert reported[-1] == len(content)
    assert len(reported) > 2


def _numbers(values: Iterable[bytes]) -> list[object]:
    return [decode(value)[1]["survey_no"] for value in values]


def test_what_is_before_a_bad_line_is_on_the_log_and_nothing_else(kafka: str, log_topic: LogTopicMaker) -> None:
    topic = log_topic(1)
    content = b"\n".join([*map(_line, range(100)), _line(100).replace(b"person-1", b"3171234567890123"), _line(101)])
    said: list[str] = []
    with Publisher(kafka, topic) as publisher:
        lines = io.BytesIO(content)
        counts = publish_lines(publisher, lines, "-", on_error=OnError.STOP, complain=said.append)
        assert counts == LinesPublished(100, 1)
        assert _numbers(record.value for record in read_log(kafka, topic)) == list(range(100))
    assert said[0].startswith("-:101: SurveySubmitted: beneficiary_id has 16 digits")


def test_lines_that_are_not_delivered_are_named(kafka: str, deaf_topic: str) -> None:
    content = b"\n".join([_line(0), b"", b"no event", _line(1), _line(2)])
    with pytest.raises(DeliveryFailed) as failure, Publisher(kafka, deaf_topic) as publisher:
        publish_lines(publisher, io.BytesIO(content), "a.jsonl", on_error=OnError.SKIP, complain=lambda sentence: None)
    assert str(failure.value).startswith(
        f"3 events are not delivered to {deaf_topic} (lines 1 and 4 to 5 of a.jsonl), "
    )


class Trickle(io.BytesIO):
    """A source that has a few bytes at a time, as a pipe may."""

    def read1(self, size: int | None = -1) -> bytes:
        return super().read1(3)


def test_a_source_that_has_a_few_bytes_at_a_time_is_read_as_any_other() -> None:
    kept, said = Kept(), list[str]()
    long = b"x" * (2 * LINE_BYTES_MAX)
    content = b"\xef\xbb\xbf" + b"\n".join([_line(1), b"{}", _line(2), long, _line(3), long])
    counts = publish_lines(cast(Publisher, kept), Trickle(content), "f", on_error=OnError.SKIP, complain=said.append)
    assert (counts, kept.published) == (LinesPublished(3, 3), [1, 2, 3])
    assert said == [
        "f:2: type is missing",
        f"f:4: the line has {len(long) + 1} bytes; at most {LINE_BYTES_MAX} are allowed",
        f"f:6: the line has {len(long)} bytes; at most {LINE_BYTES_MAX} are allowed",
    ]


def test_a_line_is_published_before_the_next_one_has_come() -> None:
    reader, writer = os.pipe()
    with open(reader, "rb") as source, open(writer, "wb", buffering=0) as sink:  # noqa: PTH123
        blocks = blocks_of(source)
        for number in range(3):
            sink.write(_line(number) + b"\n")
            assert next(blocks).text == _line(number) + b"\n"
