"""How each fault is done and undone."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.faults.cast import Cast
from tests.faults.inserts import Ambush
from tests.faults.members import cpu_seconds, memory_bytes, pause, resume
from tests.faults.plan import ON_INSERTS, WAREHOUSE, Fault, Kind

_PREY_S: Final = 20.0
"""How long an ambush waits for its first insert: the worker may have nothing to store at the moment."""
_LOOK_S: Final = 0.05


@dataclass(frozen=True)
class Absence:
    """What became of a worker while the warehouse was away: its memory before and at the end, and the share of one
    processor that it used.
    """

    worker: str
    before_bytes: int
    after_bytes: int
    cpu_share: float


@dataclass
class Acts:
    """What the faults did; `over` is set when the run is to end at once."""

    over: threading.Event = field(default_factory=threading.Event)
    ambushes: list[tuple[Fault, Ambush]] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)


Act = Callable[[Cast, Fault, Acts], Iterator[None]]
"""Does a fault, yields for as long as it lasts, and undoes it."""


def _kill(cast: Cast, fault: Fault, _: Acts) -> Iterator[None]:
    part = cast.parts[fault.target]
    part.kill()
    yield
    part.start()


def _stop(cast: Cast, fault: Fault, _: Acts) -> Iterator[None]:
    part = cast.parts[fault.target]
    pause(part)
    yield
    resume(part)


def _restart(cast: Cast, fault: Fault, _: Acts) -> Iterator[None]:
    part = cast.parts[fault.target]
    part.stop()
    yield
    part.start()


def _cut(cast: Cast, fault: Fault, _: Acts) -> Iterator[None]:
    link = cast.links[fault.target]
    link.cut()
    yield
    link.repair()


def _delay(cast: Cast, fault: Fault, _: Acts) -> Iterator[None]:
    link = cast.links[fault.target]
    link.delay_s = 0.1
    yield
    link.delay_s = 0.0


def _strike_inserts(cast: Cast, fault: Fault, acts: Acts) -> Iterator[None]:
    link = cast.links[fault.target]
    ambush = link.ambush = Ambush(fault.kind, fault.table)
    acts.ambushes.append((fault, ambush))
    deadline = time.monotonic() + _PREY_S
    while not ambush.struck and time.monotonic() < deadline and not acts.over.is_set():
        acts.over.wait(_LOOK_S)
    yield
    link.ambush = None
    if fault.kind in (Kind.HANG_BEFORE, Kind.HANG_AFTER):
        link.reset()


def _fill(cast: Cast, fault: Fault, acts: Acts) -> Iterator[None]:
    if cast.disk is None:  # where nothing may be mounted, every insert of every worker is refused as a full disk would
        for name, link in cast.links.items():
            if name.endswith(f">{WAREHOUSE}"):
                link.ambush = Ambush(Kind.REFUSE, "")
                acts.ambushes.append((fault, link.ambush))
        yield
        for link in cast.links.values():
            link.ambush = None
        return
    cast.disk.fill()
    yield
    cast.disk.empty()


def _away(cast: Cast, fault: Fault, acts: Acts) -> Iterator[None]:
    before = {worker: (pid, memory_bytes(pid), cpu_seconds(pid)) for worker in cast.workers if (pid := worker.pid)}
    cast.server.kill()
    yield
    for worker, (pid, memory, cpu) in before.items():
        if worker.pid == pid:
            share = (cpu_seconds(pid) - cpu) / fault.seconds
            acts.absences.append(Absence(worker.name, memory, memory_bytes(pid), share))
    cast.server.start()


_ACTS: Final[dict[Kind, Act]] = {
    Kind.KILL: _kill,
    Kind.STOP: _stop,
    Kind.RESTART: _restart,
    Kind.CUT: _cut,
    Kind.DELAY: _delay,
    Kind.FILL: _fill,
    Kind.AWAY: _away,
    **dict.fromkeys(ON_INSERTS, _strike_inserts),
}


@contextmanager
def acting(cast: Cast, fault: Fault, acts: Acts) -> Iterator[None]:
    """The fault lasts as long as the context."""
    act = _ACTS[fault.kind](cast, fault, acts)
    next(act)
    yield
    next(act, None)
