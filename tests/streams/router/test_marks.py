"""What a committed offset says to a successor, and the names that inboxes may have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dompet.schemas.topics import TopicError, declared_topics, inbox_of, publisher_of
from dompet.streams.router.marks import METADATA_BYTES_MAX, Mark, TooManyPartitions, lowest

_ENDS = st.lists(st.integers(0, 2**62), min_size=1, max_size=40).map(tuple)


@given(_ENDS, st.booleans())
def test_a_mark_is_read_as_it_was_written(ends: tuple[int, ...], closed: bool) -> None:
    mark = Mark("log-id", "inbox-id", ends, closed)
    assert Mark.of(mark.metadata) == mark
    assert lowest([ends, tuple(one + 1 for one in ends)]) == ends


@pytest.mark.parametrize("metadata", [None, "", "dompet-warehouse a b c", "dompet-router-1 ajar a b 0"])
def test_what_others_commit_is_no_mark(metadata: str | None) -> None:
    assert Mark.of(metadata) is None


def test_a_log_of_too_many_partitions_is_refused() -> None:
    assert len(Mark("i" * 22, "i" * 22, (10**9,) * 500).metadata) <= METADATA_BYTES_MAX
    with pytest.raises(TooManyPartitions, match="1000 partitions"):
        Mark("i" * 22, "i" * 22, (10**9,) * 1_000).metadata  # noqa: B018


@pytest.mark.parametrize("publisher", ["", "a b", "a/b", "tokopedia.dead", "ü", "x" * 240])
def test_a_publisher_whose_id_no_topic_can_have_has_no_inbox(publisher: str) -> None:
    with pytest.raises(TopicError):
        inbox_of(publisher)


def test_an_inbox_is_named_by_its_owner_and_no_log_is_one() -> None:
    inbox = inbox_of("toko_pedia-1.id")
    assert publisher_of(inbox.topic.name) == "toko_pedia-1.id"
    assert publisher_of(inbox.dead_letters.name) is None
    assert publisher_of("dompet.events") is None
    with pytest.raises(TopicError, match="inboxes"):
        declared_topics(log=inbox.topic.name)
