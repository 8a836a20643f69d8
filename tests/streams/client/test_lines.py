"""Lines by a way in: those that the columnar reader takes, refused in its words, and at most what was acknowledged."""

import io
import json
from collections.abc import Mapping, Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from dompet.schemas.encode_lines import encode_lines
from dompet.schemas.errors import InvalidEvent
from dompet.streams.client.lines import lines_of, publish_lines
from dompet.streams.client.way import BYTES_MOST, EVENTS_MOST, Outgoing, batches
from dompet.streams.publish.blocks import LINE_BYTES_MAX, LineBlocks, blocks_of
from dompet.streams.publish.counted import LinesPublished, OnError
from tests.schemas.examples import INVALID, VALID
from tests.schemas.json_events import line
from tests.support.gateway import review


def assert_as_the_columnar_reader(content: bytes) -> None:
    for block in blocks_of(io.BytesIO(content)):
        found = encode_lines(block.text, block.text_at, LINE_BYTES_MAX, block.cut_bytes)
        there = list(lines_of(block, ""))
        assert [one.number for one in there] == (found.lines + block.first_line).tolist()
        for row, one in enumerate(there):
            if row in found.encoded.faults:
                assert str(one.event) == str(found.encoded.faults[row])
            else:  # only its publisher is another than the one that publishes here
                assert isinstance(one.event, InvalidEvent)
                assert "publisher_id must be" in str(one.event)


@given(st.integers(0, 2**64), st.integers(0, 20), st.sampled_from([b"\n", b"\r\n"]), st.booleans(), st.booleans())
@settings(max_examples=200)
def test_lines_are_taken_or_refused_as_in_columns(seed: int, count: int, end: bytes, marked: bool, open_: bool) -> None:
    rng = Random(seed)
    content = end.join([line(rng) for _ in range(count)] + ([] if open_ else [b""]))
    assert_as_the_columnar_reader(b"\xef\xbb\xbf" + content if marked else content)


@given(st.lists(st.binary()))
def test_any_bytes_are_refused_as_in_columns(texts: list[bytes]) -> None:
    assert_as_the_columnar_reader(b"\n".join(texts))


def test_examples_blanks_and_lines_that_are_too_long_are_taken_or_refused_as_in_columns() -> None:
    assert_as_the_columnar_reader(b"\n".join(text.encode() for _, text in (*VALID, *INVALID)))
    for long in (b"x" * (3 * LINE_BYTES_MAX), b" " * LINE_BYTES_MAX, b"{}" + b" " * (LINE_BYTES_MAX - 2)):
        assert_as_the_columnar_reader(b"\n".join([b"{}", b" \t", long, b"\v\f", long]))
        assert_as_the_columnar_reader(b"{}\n" + long + b"\n")


class Kept:
    """A way in that keeps what it is given, and refuses the events of some ids."""

    def __init__(self, *refused: str) -> None:
        self.kept: list[str] = []
        self._refused = refused

    def open(self) -> str:
        return "toko"

    def deliver(self, events: Sequence[Outgoing]) -> Mapping[int, str]:
        refused = {place: "it says so" for place, one in enumerate(events) if one.event_id in self._refused}
        self.kept += [one.event_id for place, one in enumerate(events) if place not in refused]
        return refused

    def close(self) -> None:
        pass


def published(way: Kept, on_error: OnError, *texts: bytes) -> tuple[LinesPublished, list[str]]:
    said = list[str]()
    found = publish_lines(way, "toko", io.BytesIO(b"\n".join(texts)), "f", on_error=on_error, complain=said.append)
    return found, said


def event(number: int, publisher: str = "toko") -> bytes:
    return json.dumps(review(publisher, str(number))).encode()


def test_nothing_after_the_first_bad_line_is_published_or_said() -> None:
    way = Kept()
    texts = [event(1), event(2), event(3, "another"), event(4), b"{}"]
    counts, said = published(way, OnError.STOP, *texts)
    assert (counts, way.kept) == (LinesPublished(2, 1), ["1", "2"])
    assert said == ["f:3: CourseReviewed: publisher_id must be toko: who publishes may speak for no other"]
    way = Kept()
    counts, said = published(way, OnError.SKIP, *texts)
    assert (counts, way.kept) == (LinesPublished(3, 2), ["1", "2", "4"])
    assert said[1:] == ["f:5: type is missing"]


def test_what_the_receiver_refuses_is_a_bad_line_in_its_place() -> None:
    way = Kept("2")
    counts, said = published(way, OnError.SKIP, event(1), event(2), b"{}", event(3))
    assert (counts, said) == (LinesPublished(2, 2), ["f:2: it says so", "f:3: type is missing"])
    way = Kept(str(EVENTS_MOST))
    counts, said = published(way, OnError.STOP, *map(event, range(1, 2 * EVENTS_MOST)), b"{}")
    assert (counts, len(way.kept)) == (LinesPublished(EVENTS_MOST - 1, 1), EVENTS_MOST - 1)
    assert said == [f"f:{EVENTS_MOST}: it says so"]


def test_a_batch_has_no_more_events_and_bytes_than_any_gateway_takes() -> None:
    for sizes in ([100] * 1_201, [BYTES_MOST // 3] * 10, [1], []):
        events = [Outgoing("e", "p", b"k", b"v" * size) for size in sizes]
        parts = [events[part] for part in batches(events)]
        assert [one for part in parts for one in part] == events
        assert all(0 < len(part) <= EVENTS_MOST for part in parts)
        assert all(sum(len(one.value) + 4 for one in part) <= BYTES_MOST for part in parts)


def test_lines_are_published_as_they_come() -> None:
    blocks = LineBlocks()
    (first,) = blocks.take(event(1) + b"\n" + event(2)[:9])
    assert [one.number for one in lines_of(first, "toko")] == [1]
    (second,) = blocks.take(event(2)[9:] + b"\n")
    assert [one.number for one in lines_of(second, "toko")] == [2]
