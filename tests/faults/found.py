"""The checker: what a log holds against what a journal says of it. It knows of records only who they are (every event
has an id of its own) and where they are; it shares nothing with the fold.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_EXAMPLES: Final = 5


class Entry(NamedTuple):
    """A record of the log, or a row of the journal: where it is, which event it is, and whose."""

    partition: int
    offset: int
    identity: str
    person: str

    @property
    def place(self) -> tuple[int, int]:
        """Partition and offset."""
        return self.partition, self.offset


@dataclass
class Findings:
    """How many things are wrong, by name, and the first few of each as sentences."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, what: str, sentence: str) -> None:
        """Take note of one."""
        self.counts[what] += 1
        if self.counts[what] <= _EXAMPLES:
            self.examples.append(f"{what}: {sentence}")

    def merge(self, other: "Findings") -> None:
        """Add those found elsewhere."""
        self.counts.update(other.counts)
        self.examples += other.examples


LOST: Final = "lost"
"""A record of the log that is not in the journal; an acknowledged event that is in no row."""
DOUBLED: Final = "doubled"
"""A second row for a place of the log; an event that counted twice."""
ALTERED: Final = "altered"
"""A row that is about another event, or another person, than its place of the log."""
INVENTED: Final = "invented"
"""A row of which the log knows nothing."""
DISORDERED: Final = "disordered"
"""A person whose events are in another order in the journal than on the log."""


def compare(log: Iterable[Entry], journal: Sequence[Entry]) -> Findings:
    """Every record of the log must be in the journal exactly once, at its place, and each person's in their order."""
    findings = Findings()
    of_log = {entry.place: entry for entry in log}
    times = Counter(entry.place for entry in journal)
    for place, entry in of_log.items():
        if place not in times:
            findings.add(LOST, f"{entry.identity}, which is at {place} on the log")
    for place, count in times.items():
        for _ in range(count - 1):
            findings.add(DOUBLED, f"{place} has {count} rows")
    for row in journal:
        recorded = of_log.get(row.place)
        if recorded is None:
            findings.add(INVENTED, f"{row.identity} at {row.place}")
        elif recorded != row:
            findings.add(ALTERED, f"{row.place} is {recorded.identity} of {recorded.person}, the journal says {row}")
    for person in _disordered(of_log.values(), journal):
        findings.add(DISORDERED, f"the events of {person}")
    return findings


def missing(acknowledged: Iterable[str], found: Collection[str]) -> Findings:
    """Acknowledged events must be among those that were found."""
    findings = Findings()
    for identity in acknowledged:
        if identity not in found:
            findings.add(LOST, f"{identity} was acknowledged and is in no row of the journal")
    return findings


def counted_twice(accepted: Iterable[str]) -> Findings:
    """However often an event was published, only one of its records may be accepted."""
    findings = Findings()
    for identity, count in Counter(accepted).items():
        for _ in range(count - 1):
            findings.add(DOUBLED, f"{identity} was accepted {count} times")
    return findings


def _disordered(log: Iterable[Entry], journal: Iterable[Entry]) -> list[str]:
    """The people whose events the journal has in another order than the log; one that lacks some is not out of order,
    and of an event that is there twice its first place counts.
    """
    order: dict[str, dict[str, int]] = defaultdict(dict)
    for entry in sorted(log):
        order[entry.person].setdefault(entry.identity, entry.offset)
    last: dict[str, int] = {}
    wrong: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    for row in sorted(journal):
        place = order.get(row.person, {}).get(row.identity)
        if place is None or (row.person, row.identity) in seen:
            continue
        seen.add((row.person, row.identity))
        if place < last.get(row.person, -1):
            wrong[row.person] = None
        last[row.person] = place
    return list(wrong)
