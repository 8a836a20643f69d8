"""A router after the other, each killed at any moment: what the next one needs is in what the last one committed."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from dompet.schemas.topics import inbox_of
from dompet.streams.router.inboxes import Inbox
from dompet.streams.router.offsets import Part
from dompet.streams.router.progress import Progress
from dompet.streams.router.succession import Succession

PART: Part = (Inbox("platform", inbox_of("platform").topic.name, "an id", 1), 0)
RECORDS = 60


@dataclass(frozen=True)
class Life:
    """A router's rounds of `batch` records: it is killed in the last one, when `sent` of it are on the log."""

    batch: int
    rounds: int
    sent: int
    others: int
    """Records that another writer puts on the log in each round."""
    is_ended_in_order: bool


@dataclass
class World:
    """One inbox, one partition of the log, and what the group has committed."""

    log: list[int | None] = field(default_factory=list)
    """The offsets in the inbox; None for another writer's."""
    settled: int = 0
    ends: tuple[int, ...] = (0,)

    def live(self, life: Life) -> None:
        """What `Router` does, but for the servers."""
        there = {one for one in self.log[self.ends[0] :] if one is not None and one >= self.settled}
        found = Succession({PART: self.settled}, {PART: there}, {PART: self.ends}, (len(self.log),))
        progress = Progress(found)
        ends = found.ends
        self.commit(progress, ends)
        for number in range(life.rounds):
            begin = progress.settled[PART]
            read = range(begin, min(begin + life.batch, RECORDS))
            left = [one for one in read if one not in progress.routed(PART)]
            is_last = number == life.rounds - 1
            self.log += [None] * life.others
            self.log += left[: life.sent] if is_last and not life.is_ended_in_order else left
            if is_last and not life.is_ended_in_order:
                return
            progress.settle({PART: read.stop})
            if number % 2:  # the ends in a mark may be older than the mark
                ends = (len(self.log),)
            self.commit(progress, ends)

    def commit(self, progress: Progress, ends: tuple[int, ...]) -> None:
        """As the group takes it."""
        self.settled, self.ends = progress.settled[PART], progress.ends_of(PART, ends)


LIVES = st.builds(Life, st.integers(1, 20), st.integers(0, 4), st.integers(0, 20), st.integers(0, 2), st.booleans())


@given(st.lists(LIVES, max_size=12))
def test_each_record_is_on_the_log_once_and_in_order(lives: list[Life]) -> None:
    world = World()
    for life in lives:
        world.live(life)
    world.live(Life(RECORDS, 2, 0, 0, is_ended_in_order=True))
    assert [one for one in world.log if one is not None] == list(range(RECORDS))


def test_a_router_that_has_nothing_is_at_its_beginning() -> None:
    assert not Progress()
    assert Progress().routed(PART) == set()
