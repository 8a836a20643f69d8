"""The schedule of a run's faults: a pure function of the seed.

A fault is due when so many events are acknowledged, not at a time of the clock: so the schedule is the same on a slow
machine and on a fast one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final


class Kind(StrEnum):
    """What goes wrong, for so many seconds."""

    KILL = "kill"
    """kill -9; started again afterwards."""
    STOP = "stop"
    """SIGSTOP, then SIGCONT: nothing is lost but time, and the others believe it dead."""
    RESTART = "restart"
    """Ended in order and started again."""
    CUT = "cut"
    """Every connection is reset, and no new one comes about."""
    DELAY = "delay"
    """Whatever is sent arrives late."""
    REFUSE = "refuse"
    """Inserts are answered with an error, and are not done."""
    BREAK_BEFORE = "break before"
    """The connection breaks before the rows reach the server: the insert is not done."""
    BREAK_AFTER = "break after"
    """The connection breaks before the answer reaches the worker: the insert is done."""
    HANG_BEFORE = "hang before"
    """The rows never arrive and no answer comes: a time-out of an insert that is not done."""
    HANG_AFTER = "hang after"
    """The answer never comes: a time-out of an insert that is done."""
    FILL = "fill the disk"
    """The warehouse's disk has no room left."""
    AWAY = "away"
    """kill -9, and long gone, while much more is published than a worker should hold in memory."""


ON_INSERTS: Final = (Kind.REFUSE, Kind.BREAK_BEFORE, Kind.BREAK_AFTER, Kind.HANG_BEFORE, Kind.HANG_AFTER)
KILLS: Final = (Kind.KILL, Kind.AWAY)

PUBLISHER: Final = "publisher"
BROKER: Final = "broker"
WAREHOUSE: Final = "clickhouse"
GATEWAY: Final = "gateway"
ROUTERS: Final = ("router-0", "router-1")

TABLES: Final = ("journal_rows", "journal_rows", "wallet_rows", "order_rows", "checkpoint_rows", "")
"""Whose inserts are struck; an empty name means those of every table."""

_KILLED: Final = {"worker": 32, PUBLISHER: 20, "router": 14, WAREHOUSE: 13, GATEWAY: 11, BROKER: 10}
"""How many of a hundred kills hit each."""

_SECONDS: Final = {
    (Kind.KILL, "worker"): (0.0, 3.0),
    (Kind.KILL, PUBLISHER): (0.0, 1.0),
    (Kind.KILL, WAREHOUSE): (0.0, 3.0),
    (Kind.KILL, BROKER): (0.0, 2.0),
    (Kind.STOP, "worker"): (11.0, 16.0),  # past the group's session time-out of 10 seconds
    (Kind.STOP, PUBLISHER): (1.0, 4.0),
    (Kind.KILL, GATEWAY): (0.0, 2.0),
    (Kind.STOP, GATEWAY): (1.0, 4.0),
    (Kind.RESTART, GATEWAY): (0.0, 1.0),
    (Kind.KILL, "router"): (0.0, 3.0),
    (Kind.STOP, "router"): (11.0, 16.0),  # past its lease and the group's session time-out
    (Kind.RESTART, "router"): (0.0, 1.0),
    (Kind.STOP, WAREHOUSE): (2.0, 6.0),
    (Kind.STOP, BROKER): (2.0, 6.0),
    (Kind.RESTART, "worker"): (0.0, 1.0),
    (Kind.RESTART, WAREHOUSE): (0.0, 1.0),
    (Kind.RESTART, BROKER): (0.0, 1.0),
    (Kind.CUT, "link"): (0.5, 5.0),
    (Kind.DELAY, "link"): (2.0, 6.0),
    (Kind.FILL, WAREHOUSE): (2.0, 6.0),
    **{(kind, "link"): (2.0, 6.0) for kind in ON_INSERTS},
}
_BEGIN, _END = 0.02, 0.97
"""The shares of all events between which faults are due: what comes after the last one must heal, too."""


@dataclass(frozen=True)
class Fault:
    """`at`: how many events are acknowledged when it is due. `table`: whose inserts it strikes, all where empty."""

    at: int
    kind: Kind
    target: str
    seconds: float
    table: str = ""

    def __str__(self) -> str:
        what = f" {self.table}" if self.table else ""
        return f"{self.at:>9,}  {self.kind:<13} {self.target:<20} {self.seconds:4.1f} s{what}"


@dataclass(frozen=True)
class Scale:
    """How much of everything: kills are those by kill -9, others all the rest; away in seconds, 0 for never."""

    events: int
    kills: int
    others: int
    workers: int
    away_s: float = 0.0
    embedded: bool = False
    """The warehouse is the embedded one: there is no link to it that could be cut, and no disk of its own."""


def plan(seed: int, scale: Scale) -> tuple[Fault, ...]:
    """The faults in the order in which they are due."""
    rng = Random(f"faults {seed}")
    kills = [(Kind.KILL, role) for role in _shared_out(scale.kills - bool(scale.away_s))]
    others = list(_all_kinds(rng, scale.others, scale.embedded))
    mixed = rng.sample(kills + others, len(kills) + len(others))
    step = scale.events * (_END - _BEGIN) / max(len(mixed), 1)
    faults = [
        _fault(rng, int(scale.events * _BEGIN + step * (place + rng.random())), kind, role, scale)
        for place, (kind, role) in enumerate(mixed)
    ]
    if scale.away_s:
        faults.append(Fault(scale.events // 2, Kind.AWAY, WAREHOUSE, scale.away_s))
    return tuple(sorted(faults, key=lambda fault: fault.at))


def _shared_out(kills: int) -> Iterator[str]:
    """Whom the kills hit: each its share, and everyone once where there are enough."""
    owed = dict.fromkeys(_KILLED, 0)
    for _ in range(kills):
        owed = {role: owed[role] + share for role, share in _KILLED.items()}
        most = max(owed, key=owed.__getitem__)
        owed[most] -= sum(_KILLED.values())
        yield most


def _all_kinds(rng: Random, count: int, embedded: bool) -> Iterator[tuple[Kind, str]]:
    """Every fault that is no kill, again and again in another order."""
    left_out = {Kind.KILL, Kind.FILL, *ON_INSERTS} if embedded else {Kind.KILL}
    kinds = [(kind, role) for kind, role in _SECONDS if kind not in left_out]
    rest: list[tuple[Kind, str]] = []
    for _ in range(count):
        rest = rest or rng.sample(kinds, len(kinds))
        yield rest.pop()


def _fault(rng: Random, at: int, kind: Kind, role: str, scale: Scale) -> Fault:
    worker = f"worker-{rng.randrange(scale.workers)}"
    router = rng.choice(ROUTERS)
    links: Sequence[str] = [] if scale.embedded else [f"{worker}>{WAREHOUSE}"]
    if kind in (Kind.CUT, Kind.DELAY):
        links = [*links, *(f"{name}>{BROKER}" for name in (worker, PUBLISHER, GATEWAY, router))]
    target = {"worker": worker, "router": router, "link": rng.choice(links) if links else ""}.get(role, role)
    seconds = round(rng.uniform(*_SECONDS[kind, role]), 1)
    return Fault(at, kind, target, seconds, rng.choice(TABLES) if kind in ON_INSERTS else "")
