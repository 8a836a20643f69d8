"""The router: events a second from an inbox to the log, on one core, beside plain reading and producing of the same."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from dompet.infra.broker import LocalBroker
from dompet.infra.child import Child
from dompet.schemas.topics import Inbox, declared_topics, inbox_of
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.publishers.entries import new_publisher
from dompet.streams.publishers.topic import write_publisher
from dompet.streams.settings import read_settings
from dompet.streams.terminal.console import note, out
from tests.bench.contestants import SCRATCH
from tests.bench.processes import run
from tests.bench.rates import rates_page, verdict
from tests.support.inboxes import purchase, put

EVENTS: Final = 600_000
RUNS: Final = 3
LEAST: Final = 150_000
PUBLISHER: Final = "platform"
_DIFFERENT: Final = 20_000
_STOP_S: Final = 20.0


@dataclass(frozen=True)
class Routed:
    """One run: events a second, the processor's microseconds an event, and a plain copy of the same in the same run."""

    rate: float
    cpu_us: float
    plain_rate: float


def measure(events: int, runs: int) -> list[Routed]:
    """Each run with a log and an inbox of its own. Raises BenchError."""
    SCRATCH.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-router-", dir=SCRATCH) as home,
        LocalBroker(Path(home) / "kafka", 0, libs=SCRATCH / "kafka-libs") as broker,
    ):
        write_publisher(read_settings(kafka=broker.bootstrap, home=Path(home)), new_publisher(PUBLISHER, "platform"))
        inbox = inbox_of(PUBLISHER)
        ensure_topics(admin_client(read_settings(kafka=broker.bootstrap)), [inbox.topic, inbox.dead_letters])
        made = [purchase(PUBLISHER, number, number) for number in range(min(events, _DIFFERENT))]
        for _ in range(events // len(made)):
            put(broker.bootstrap, inbox.topic.name, made, acks="all")
        return [_timed(broker.bootstrap, Path(home), inbox, events // len(made) * len(made), n) for n in range(runs)]


def _timed(bootstrap: str, home: Path, inbox: Inbox, events: int, number: int) -> Routed:
    """One router's whole way through the inbox."""
    topics = declared_topics(log=f"events-{number}")
    ensure_topics(admin_client(read_settings(kafka=bootstrap)), [topics.log, topics.dead_letters])
    group = f"routers-{number}"
    with _router(bootstrap, home, topics.log.name, group) as pid:
        where = ("--bootstrap-servers", bootstrap, "--inbox", inbox.topic.name, "--group", group, "--pid", str(pid))
        command = [sys.executable, "-m", "tests.bench.run_router", *where, "--events", str(events)]
        found: dict[str, Any] = run("router", command, home / "log")[0]
    return Routed(**found)


@contextmanager
def _router(bootstrap: str, home: Path, log: str, group: str) -> Iterator[int]:
    """A router on one core; its process id."""
    given = {"KAFKA": bootstrap, "HOME": home, "LOG_TOPIC": log, "ROUTER_GROUP": group, "ROUTER_METRICS_PORT": 0}
    variables = {f"DOMPET_{name}": str(value) for name, value in given.items()}
    command = [sys.executable, "-m", "dompet.streams.cli", "router"]
    child = Child(command, log=home / "router.log", cwd=home, variables=variables)
    try:
        os.sched_setaffinity(child.pid, {max(os.sched_getaffinity(0))})
        yield child.pid
    finally:
        child.stop(_STOP_S)


def show(found: Sequence[Routed]) -> int:
    """Show the rates and what is promised of them; 0 where all is kept."""
    rates: Mapping[str, list[float]] = {
        "router": [one.rate for one in found],
        "plain reading and producing": [one.plain_rate for one in found],
    }
    out.print(rates_page("From an inbox to the log, on one core", rates))
    cpu_us, rate = median(one.cpu_us for one in found), median(rates["router"])
    note(f"the router's processor time: {cpu_us:.1f} µs an event, so {1e6 / cpu_us:,.0f} events/s of a core")
    return verdict(f"router: {rate:,.0f} events/s; at least {LEAST:,} are wanted", kept=rate >= LEAST)
