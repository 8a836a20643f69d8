"""The gateway: events a second in batches, requests of one event, and how long these take at half that rate."""

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from dompet.infra.broker import LocalBroker
from dompet.schemas.topics import declared_topics
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.settings import read_settings
from dompet.streams.terminal.console import note
from tests.bench.contestants import SCRATCH
from tests.bench.processes import run
from tests.bench.rates import verdict
from tests.bench.run_gateway import BATCH
from tests.support.gateway import publisher, running_gateway, until_taken

SECONDS: Final = 20.0
EVENTS_LEAST: Final = 30_000
REQUESTS_LEAST: Final = 1_500
P99_MS_MOST: Final = 50.0


def measure(seconds: float) -> dict[str, Any]:
    """What clients found on one core, and the gateway on the other. Raises BenchError."""
    SCRATCH.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-gateway-", dir=SCRATCH) as home,
        LocalBroker(Path(home) / "kafka", 0, libs=SCRATCH / "kafka-libs") as broker,
    ):
        settings = read_settings(kafka=broker.bootstrap, home=Path(home))
        ensure_topics(admin_client(settings), declared_topics())
        entry, token = publisher(settings)
        with running_gateway(broker.bootstrap, settings.topics.log.name, Path(home)) as gateway:
            os.sched_setaffinity(gateway.process.pid, {max(os.sched_getaffinity(0))})
            until_taken(gateway, token)
            where = ("--bootstrap-servers", broker.bootstrap, "--topic", settings.topics.log.name)
            who = ("--token", token, "--publisher", entry.publisher_id, "--port", str(gateway.port))
            figures = ("--metrics-port", str(gateway.metrics_port))
            command = [
                sys.executable,
                "-m",
                "tests.bench.run_gateway",
                *where,
                *who,
                *figures,
                "--seconds",
                str(seconds),
            ]
            return dict(run("gateway", command, Path(home) / "log")[0])


def show(found: Mapping[str, Any]) -> int:
    """Show the rates and what is promised of them; 0 where all is kept."""
    events, requests, p99_ms = found["batches"] * BATCH, found["requests"], found["p99_ms"]
    note(f"a plain producer: {found['ready']:,.0f} events/s")
    note(f"the gateway's processor time: {found['cpu_us']:.1f} µs an event in batches")
    of_batches = f"batches of {BATCH}: {events:,.0f} events/s; at least {EVENTS_LEAST:,} are wanted"
    of_requests = f"one event each: {requests:,.0f} requests/s; at least {REQUESTS_LEAST:,} are wanted"
    of_half = f"at half of that: p99 {p99_ms:.1f} ms; at most {P99_MS_MOST:g} are wanted"
    sentences = {
        of_batches: events >= EVENTS_LEAST,
        of_requests: requests >= REQUESTS_LEAST,
        of_half: p99_ms <= P99_MS_MOST,
    }
    return max([verdict(sentence, kept=kept) for sentence, kept in sentences.items()])
