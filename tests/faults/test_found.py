"""The checker finds what is planted for it."""

from collections.abc import Sequence
from random import Random

import pytest

from tests.faults.found import (
    ALTERED,
    DISORDERED,
    DOUBLED,
    INVENTED,
    LOST,
    Entry,
    compare,
    counted_twice,
    missing,
)

PEOPLE = ("ani", "budi", "citra")


def log(events: int = 60) -> list[Entry]:
    """A log of three partitions, one for each person."""
    rng = Random(1)
    ends = [0, 0, 0]
    entries = []
    for number in range(events):
        partition = rng.randrange(3)
        entries.append(Entry(partition, ends[partition], f"event-{number}", PEOPLE[partition]))
        ends[partition] += 1
    return entries


def counts(journal: Sequence[Entry]) -> dict[str, int]:
    return dict(compare(log(), journal).counts)


def test_a_journal_that_is_the_log_has_nothing_wrong() -> None:
    assert counts(log()) == {}
    assert counts(sorted(log(), reverse=True)) == {}


@pytest.mark.parametrize("place", [0, 30, 59])
def test_a_row_that_is_missing_is_lost(place: int) -> None:
    journal = log()
    gone = journal.pop(place)
    findings = compare(log(), journal)
    assert findings.counts == {LOST: 1}
    assert gone.identity in findings.examples[0]


def test_a_row_that_is_there_twice_is_doubled() -> None:
    journal = log()
    assert counts([*journal, journal[7], journal[7]]) == {DOUBLED: 2}


def test_a_row_that_is_about_another_event_is_altered() -> None:
    journal = log()
    journal[5] = journal[5]._replace(identity="event-1000")
    assert counts(journal) == {ALTERED: 1}


def test_a_row_that_is_about_another_person_is_altered() -> None:
    journal = log()
    journal[5] = journal[5]._replace(person="dewi")
    assert counts(journal) == {ALTERED: 1}


def test_a_row_that_the_log_has_not_is_invented() -> None:
    assert counts([*log(), Entry(0, 1000, "event-1000", "ani")]) == {INVENTED: 1}


def test_two_events_of_a_person_in_the_wrong_order_are_found() -> None:
    journal = log()
    one, other = (place for place, entry in enumerate(journal) if entry.person == "ani" and entry.offset in (3, 4))
    first, second = journal[one], journal[other]
    journal[one], journal[other] = first._replace(identity=second.identity), second._replace(identity=first.identity)
    assert counts(journal) == {ALTERED: 2, DISORDERED: 1}


def test_an_event_that_was_published_again_is_no_disorder() -> None:
    again = [*log(), Entry(0, 1000, "event-0", "ani"), Entry(0, 1001, "event-1", "ani")]
    assert compare(again, again).counts == {}


def test_an_acknowledged_event_that_is_in_no_row_is_lost() -> None:
    assert missing(["event-1", "event-2"], {"event-1"}).counts == {LOST: 1}
    assert missing(["event-1"], {"event-1", "event-2"}).counts == {}


def test_an_event_that_was_accepted_twice_is_doubled() -> None:
    assert counted_twice(["event-1", "event-2", "event-1"]).counts == {DOUBLED: 1}
    assert counted_twice(["event-1", "event-2"]).counts == {}


def test_what_is_found_in_parts_adds_up_and_the_examples_stay_few() -> None:
    one, other = compare(log(), []), compare(log(), [*log(), *log()])
    one.merge(other)
    assert one.counts == {LOST: 60, DOUBLED: 60}
    assert len(one.examples) == 10
