"""A run: events are published on a leash, faults are done when they are due, and in the end all must heal."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from tests.faults.acting import Acts, acting
from tests.faults.cast import Cast
from tests.faults.ledger import Leash
from tests.faults.plan import Fault, Kind
from tests.faults.watching import Recovery, Watch

_LOOK_S: Final = 0.05
_SAY_EVERY_S: Final = 10.0
_AT_ONCE: Final = 3
"""So many faults at a time, of different targets."""
_AHEAD_OF_STEP: Final = 3
"""How far the publisher may be ahead of the journal, in events between two faults."""
_AHEAD_MIN: Final = 4_000
_FREE_SHARE: Final = 0.2
"""The share of all events that may be published while the warehouse is away."""


@dataclass
class Course:
    """How a run went, as far as it went."""

    done: list[Fault] = field(default_factory=list)
    recoveries: Sequence[Recovery] = ()
    acts: Acts = field(default_factory=Acts)
    seconds: float = 0.0
    caught_up_s: float | None = None
    """Seconds from the last event and the last fault until the journal held all; None where it never did."""
    acknowledged: int = 0
    ahead: Sequence[str] = ()
    checks: int = 0
    ends: Sequence[str] = ()
    refused: int = 0
    lapsed: int = 0
    peaks_bytes: dict[str, int] = field(default_factory=dict)
    trouble: str = ""
    """Why the run was given up, where it was."""

    @property
    def kinds(self) -> Counter[tuple[Kind, str]]:
        """How many of each fault there were, by kind and what it hit."""
        return Counter((fault.kind, fault.target) for fault in self.done)


class Conductor:
    """Leads one run through its schedule. `still_s`: without any progress for so long, it is given up."""

    def __init__(
        self, cast: Cast, schedule: Sequence[Fault], events: int, *, still_s: float, say: Callable[[str], None]
    ) -> None:
        self._cast = cast
        self._due = list(schedule)
        self._events = events
        self._still_s = still_s
        self._say = say
        self._ahead = max(_AHEAD_MIN, _AHEAD_OF_STEP * events // max(len(schedule), 1))
        self._busy: dict[str, Future[None]] = {}
        self._free_until = 0
        self._said_s = 0.0
        self._progress = (0, 0)
        self._progress_s = time.monotonic()
        self.course = Course()

    def run(self) -> Course:
        """From the first event to the last record stored; the members are stopped then, and the servers run on."""
        began = time.monotonic()
        with ExitStack() as stack:
            leash = stack.enter_context(Leash(self._cast.leash))
            watch = stack.enter_context(Watch(self._cast))
            threads = stack.enter_context(ThreadPoolExecutor(_AT_ONCE, "faults"))
            stack.callback(self.course.acts.over.set)
            for member in self._cast.members:
                member.start()
            while not self._is_over(watch) and not self.course.trouble:
                self._step(watch, leash, threads)
            healed = time.monotonic()
            while watch.behind(healed) and not self.course.trouble:
                self._step(watch, leash, threads)
            self.course.caught_up_s = None if self.course.trouble else time.monotonic() - healed
            watch.count()
        for member in self._cast.members:
            member.stop()
        return self._reported(watch, time.monotonic() - began)

    def _is_over(self, watch: Watch) -> bool:
        return self._cast.publisher.finished and not self._due and not self._busy and watch.log_end > 0

    def _step(self, watch: Watch, leash: Leash, threads: ThreadPoolExecutor) -> None:
        time.sleep(_LOOK_S)
        watch.count()
        for member in self._cast.members:
            member.look()
        self._take_back()
        self._begin_faults(watch, threads)
        self._lengthen(leash, watch)
        self._take_note(watch)

    def _take_back(self) -> None:
        for target, future in list(self._busy.items()):
            if future.done():
                del self._busy[target]
                if error := future.exception():
                    self.course.trouble = f"a fault of {target} could not be done: {error}"

    def _begin_faults(self, watch: Watch, threads: ThreadPoolExecutor) -> None:
        while self._due and self._due[0].at <= watch.acknowledged and len(self._busy) < _AT_ONCE:
            fault = self._due[0]
            if fault.target in self._busy or self._free_until or (fault.kind is Kind.AWAY and self._busy):
                return
            if fault.kind is Kind.AWAY:
                self._free_until = watch.acknowledged + int(self._events * _FREE_SHARE)
            self._due.pop(0)
            self._busy[fault.target] = threads.submit(self._do, fault, watch)

    def _do(self, fault: Fault, watch: Watch) -> None:
        with acting(self._cast, fault, self.course.acts):
            self.course.acts.over.wait(fault.seconds)
        watch.healed(fault)
        self.course.done.append(fault)
        if fault.kind is Kind.AWAY:
            self._free_until = 0

    def _lengthen(self, leash: Leash, watch: Watch) -> None:
        """Let the publisher go on, as far as the journal follows; freely while the warehouse is long away."""
        waits = bool(self._due) and self._due[0].at <= watch.acknowledged
        if self._free_until:
            leash.length = self._free_until
        elif not waits:
            leash.length = min(self._events, watch.acknowledged + max(self._ahead - watch.lag, 0))

    def _take_note(self, watch: Watch) -> None:
        now = time.monotonic()
        progress = (watch.acknowledged, watch.stored)
        if progress != self._progress or self._busy:
            self._progress, self._progress_s = progress, now
        elif now - self._progress_s > self._still_s:
            self.course.trouble = f"nothing was published and nothing stored for {self._still_s:.0f} s"
        if now - self._said_s >= _SAY_EVERY_S:
            self._said_s = now
            at_work = ", ".join(sorted(self._busy)) or "none"
            self._say(
                f"{watch.acknowledged:,} of {self._events:,} acknowledged, lag {watch.lag:,}, "
                f"{len(self.course.done)} faults done; now: {at_work}"
            )

    def _reported(self, watch: Watch, seconds: float) -> Course:
        course = self.course
        course.seconds = seconds
        course.recoveries = watch.recoveries
        course.acknowledged = watch.acknowledged
        course.ahead, course.checks = watch.ahead, watch.checks
        course.ends = [end for member in self._cast.members for end in member.ends]
        course.refused = sum(member.refused for member in self._cast.members)
        course.lapsed = sum(member.lapsed for member in self._cast.members)
        course.peaks_bytes = {
            member.name: member.peak_bytes for member in self._cast.members if member is not self._cast.publisher
        }
        return course
