"""What a run found, for people: faults, what was lost and doubled, how long recovery took, whether all holds."""

import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.faults.conducting import Course
from tests.faults.found import DOUBLED, LOST
from tests.faults.judging import Verdict
from tests.faults.plan import KILLS, ON_INSERTS, Fault, Scale

_MEGABYTE: Final = 1_000_000
MEMORY_BYTES_MAX: Final = 2_000 * _MEGABYTE
"""What a worker may hold at most, whatever waits on the log."""
CPU_SHARE_MAX: Final = 0.5
"""How much of a processor a worker may use while the warehouse is away: one that tries without a pause takes it all."""


@dataclass(frozen=True)
class Report:
    """A run's seed and scale, its course, and the verdict; None where there was none to judge."""

    seed: int
    scale: Scale
    course: Course
    verdict: Verdict | None

    @property
    def wrong(self) -> list[str]:
        """What does not hold, a sentence each."""
        return list(self._wrong())

    def lines(self) -> Iterator[str]:
        """All of it, line by line."""
        course, verdict = self.course, self.verdict
        kills = sum(fault.kind in KILLS for fault in course.done)
        yield f"seed {self.seed}: {course.acknowledged:,} events acknowledged in {course.seconds:,.0f} s"
        yield f"faults: {len(course.done)}, of which {kills} kills"
        yield from _recoveries(course)
        for name, (struck, done) in _strikes(course).items():
            yield f"  inserts struck by {name}: {struck}, of which {done} were done"
        for absence in course.acts.absences:
            yield (
                f"while the warehouse was away: {absence.worker} held {absence.before_bytes // _MEGABYTE} MB, "
                f"then {absence.after_bytes // _MEGABYTE} MB, and used {absence.cpu_share:.0%} of a processor"
            )
        peaks = ", ".join(f"{name} {peak // _MEGABYTE} MB" for name, peak in course.peaks_bytes.items())
        yield f"memory at most: {peaks}"
        yield f"checkpoints compared with the journal: {course.checks} times, beyond it {len(course.ahead)} times"
        if course.caught_up_s is not None:
            yield f"caught up {course.caught_up_s:.1f} s after the last event and fault"
        if verdict is not None:
            outcomes = ", ".join(f"{name} {count:,}" for name, count in sorted(verdict.outcomes.items()))
            yield f"of the log from inboxes: {len(verdict.routed):,} records"
            yield f"log: {verdict.records:,} records; journal: {outcomes}"
            yield f"compared with the model: {verdict.wallets:,} wallets, {verdict.orders:,} orders"
            yield f"lost: {verdict.findings.counts[LOST]}"
            yield f"doubled: {verdict.findings.counts[DOUBLED]}"
        yield f"starts refused, with a sentence, while a server was away: {course.refused}"
        yield f"routers that their lease ended, while records were on their way: {course.lapsed}"
        yield f"ends of processes that no fault made: {len(course.ends)}"

    def _wrong(self) -> Iterator[str]:
        course = self.course
        if course.trouble:
            yield course.trouble
        if self.verdict is None:
            yield "the journal was not judged"
        else:
            for what, count in self.verdict.findings.counts.items():
                yield f"{what}: {count}"
            yield from self.verdict.findings.examples
        yield from course.ahead
        yield from course.ends
        if course.caught_up_s is None:
            yield "the journal did not catch up"
        for name, peak in course.peaks_bytes.items():
            if peak > MEMORY_BYTES_MAX:
                yield f"{name} held {peak // _MEGABYTE} MB, more than {MEMORY_BYTES_MAX // _MEGABYTE}"
        for absence in course.acts.absences:
            if absence.cpu_share > CPU_SHARE_MAX:
                yield f"{absence.worker} used {absence.cpu_share:.0%} of a processor while the warehouse was away"


def _role(fault: Fault) -> str:
    """Whom a fault hits, one worker as any other."""
    spaced = fault.target.replace("worker-", "worker ").replace("router-", "router ")
    return spaced.translate(str.maketrans("", "", "0123456789")).replace(" >", ">")


def _recoveries(course: Course) -> Iterator[str]:
    """A line for each kind of fault and what it hit: how many, and the seconds to recover."""
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    for recovery in course.recoveries:
        seconds[recovery.fault.kind, _role(recovery.fault)].append(recovery.seconds)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for fault in course.done:
        counts[fault.kind, _role(fault)] += 1
    yield "  fault          of                    times   seconds to recover: least, median, most"
    for (kind, role), count in sorted(counts.items()):
        took = seconds.get((kind, role), [])
        figures = f"{min(took):6.1f} {statistics.median(took):6.1f} {max(took):6.1f}" if took else "  none recovered"
        yield f"  {kind:<14} {role:<20} {count:6}   {figures}"


def _strikes(course: Course) -> dict[str, tuple[int, int]]:
    """Of each kind of struck insert, how many there were and how many were done."""
    strikes = dict.fromkeys(ON_INSERTS, (0, 0))
    for _, ambush in course.acts.ambushes:
        struck, done = strikes[ambush.kind]
        strikes[ambush.kind] = (struck + ambush.struck, done + ambush.done)
    return {str(kind): found for kind, found in strikes.items()}
