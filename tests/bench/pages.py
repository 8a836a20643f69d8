"""Pages on a large journal: 50 readers while a worker folds at full rate, one reader with nothing else going on, and
200 who watch. All are processes as people start them: broker, engine, worker, `dompet serve`.
"""

import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final

from confluent_kafka.admin import AdminClient

from dompet.infra.broker import LocalBroker
from dompet.infra.child import Child
from dompet.infra.ports import HOST, free_port
from dompet.schemas.topics import declared_topics
from dompet.streams.commands.local_engine import engine_of
from dompet.streams.demo.programme.programme import count as programme_size
from dompet.streams.demo.programme.programme import programme_fields
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.publish import Publisher
from dompet.streams.publish.rows import chunks, publish_rows
from dompet.streams.settings import Settings, read_settings
from dompet.streams.warehouse.client import WarehouseClient, warehouse_client
from dompet.streams.warehouse.holder import holder_of
from tests.bench.contestants import SCRATCH
from tests.bench.processes import ROOT, BenchError, peak_bytes
from tests.bench.readers import Asked, Readers, alone, quiet, watching

ROWS: Final = 10_000_000
SHARE: Final = 5
"""While it is measured, a worker folds a fifth of the journal's rows once more without readers, and once with them."""
READERS: Final = 50
WATCHERS: Final = 200

_SEED: Final = 2020
_SAMPLE: Final = 1_000
_ALONE_TIMES: Final = 15
_WATCHED_S: Final = 10.0
_LIMIT_S: Final = 3600.0
_LOOK_S: Final = 0.1
_FOLDED: Final = "SELECT toInt64(sum(next_offset)) AS folded FROM checkpoints"


@dataclass
class Found:
    """What was measured; rates in events a second."""

    rate_alone: float = 0.0
    rate_read: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    built_s: float = 0.0
    """How long the pages' sums took to build."""
    first: list[Asked] = field(default_factory=list)
    memory_bytes: int = 0
    watching_cpu: list[float] = field(default_factory=list)
    """Of the pages' process, then of the engine's."""


def measure(rows: int, readers: int, watchers: int) -> Found:
    """Publish, fold and read. Raises BenchError."""
    more = max(rows // SHARE, 1)
    with folded("pages", rows, rows + 2 * more) as (settings, events):
        return asyncio.run(_measured(settings, events, more, readers, watchers))


@contextmanager
def folded(part: str, rows: int, events: int, engine_port: int = 0) -> Iterator[tuple[Settings, Iterator[Any]]]:
    """A broker, and an engine whose journal has so many rows of a programme with so many events; the rest."""
    SCRATCH.mkdir(exist_ok=True)
    topic = f"bench.{part}"
    with (
        tempfile.TemporaryDirectory(prefix=f"bench-{part}-", dir=SCRATCH) as home,
        LocalBroker(Path(home) / "kafka", 0, libs=SCRATCH / "kafka-libs") as broker,
    ):
        settings = read_settings(
            kafka=broker.bootstrap, warehouse=f"chdb://{home}/warehouse", home=Path(home), log_topic=topic,
            group=f"bench-{part}", web_port=free_port(), engine_port=engine_port, serve_port=free_port(),
        )  # fmt: skip
        ensure_topics(AdminClient({**settings.kafka_settings()}), declared_topics(topic))
        people = max(events * _SAMPLE // programme_size(_SAMPLE, _SEED) * 11 // 10, _SAMPLE)
        left = programme_fields(people, _SEED)
        publish_some(settings, left, rows)
        with engine_of(settings):
            fold(settings, None)
            yield settings, left


async def _measured(settings: Settings, events: Iterator[Any], more: int, readers: int, watchers: int) -> Found:
    found = Found()
    await asyncio.to_thread(publish_some, settings, events, more)
    with warehouse_client(settings) as client:
        found.rate_alone = await asyncio.to_thread(fold, settings, client)
        people = client.read("SELECT beneficiary_id FROM wallets ORDER BY cityHash64(beneficiary_id) LIMIT 5000")
        platforms = client.read("SELECT DISTINCT platform_id FROM orders ORDER BY platform_id")
        await asyncio.to_thread(publish_some, settings, events, more)
        with _serving(settings) as (url, pid):
            crowd = Readers(url, *(one.column(0).to_pylist() for one in (people, platforms)))
            holder = holder_of(Path(str(settings.warehouse_folder)))
            pids = [pid, holder.pid if holder else pid]
            found.built_s = await quiet(pids, _LIMIT_S)
            found.first = await alone(crowd, _ALONE_TIMES)
            over = asyncio.Event()
            reading = asyncio.create_task(crowd.read(readers, over))
            began_s = time.monotonic()
            found.rate_read = await asyncio.to_thread(fold, settings, client)
            over.set()
            await reading
            found.asked = [one for one in crowd.asked if one.began_s > began_s]
            found.watching_cpu = await watching(url, watchers, _WATCHED_S, pids)
            found.memory_bytes = peak_bytes(pid)
    return found


def publish_some(settings: Settings, events: Iterator[Any], number: int) -> None:
    done = 0
    with Publisher(str(settings.kafka), settings.log_topic) as publisher:
        for some in chunks(islice(events, number)):
            publish_rows(publisher, some, settings.log_topic, done)
            done += len(some)


def _variables(settings: Settings) -> dict[str, str]:
    names = ("kafka", "warehouse", "home", "log_topic", "group", "web_port", "engine_port", "serve_port")
    return {f"DOMPET_{name.upper()}": str(getattr(settings, name)) for name in names}


def _command(settings: Settings, log: str, *arguments: str) -> Child:
    command = [sys.executable, "-m", "dompet.streams.cli", *arguments]
    return Child(command, log=settings.home / f"{log}.log", cwd=ROOT, variables=_variables(settings))


def fold(settings: Settings, client: WarehouseClient | None) -> float:
    """Run a worker to the log's end; its rate from its first batch on, as the checkpoints advance, where there is a
    client to look at them.
    """
    seen: list[tuple[float, int]] = []
    worker = _command(settings, "worker", "worker", "--until-end")
    deadline = time.monotonic() + _LIMIT_S
    try:
        while worker.running and time.monotonic() < deadline:
            if client is not None:
                seen.append((time.monotonic(), int(client.read(_FOLDED)["folded"][0].as_py())))
            time.sleep(_LOOK_S)
    finally:
        worker.stop(30)
    if worker.returncode != 0:
        raise BenchError(f"the worker ended with exit code {worker.returncode} and said:\n{worker.last_lines()}")
    if client is not None:
        seen.append((time.monotonic(), int(client.read(_FOLDED)["folded"][0].as_py())))
    return _rate(seen)


def _rate(seen: Sequence[tuple[float, int]]) -> float:
    """Events a second between the first and the last look that found more."""
    advanced = [later for earlier, later in pairwise(seen) if later[1] > earlier[1]]
    if len(advanced) < 2:
        return 0.0
    (began_s, first), (ended_s, last) = advanced[0], advanced[-1]
    return (last - first) / (ended_s - began_s)


@contextmanager
def _serving(settings: Settings) -> Iterator[tuple[str, int]]:
    """`dompet serve`: its address and its process."""
    import urllib.request

    serve, url = _command(settings, "serve", "serve"), f"http://{HOST}:{settings.serve_port}"
    deadline = time.monotonic() + 60
    try:
        while True:
            try:
                urllib.request.urlopen(f"{url}/ready", timeout=5).close()  # noqa: S310  (loopback)
                break
            except OSError:
                if time.monotonic() > deadline or not serve.running:
                    raise BenchError(f"the pages are not served: {serve.last_lines()}") from None
            threading.Event().wait(_LOOK_S)
        yield url, serve.pid
    finally:
        serve.stop(30)
