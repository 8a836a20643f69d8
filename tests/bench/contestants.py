"""The contestants: what each one is, and how one run of it is started and read."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dompet.infra.jars import find_java
from tests.bench.processes import ROOT, BenchError, run
from tests.bench.publish import Log
from tests.support.clickhouse import ClickHouseServer

SCRATCH: Final = ROOT / ".dompet"
"""On the disk, where /tmp may be in memory."""

AGREED: Final = (
    *("events", "accepted", "duplicate", "rejected", "dead"),
    *("credited", "spent", "refunded", "returned", "balance", "wallets", "purchases", "open_orders"),
)
"""What every fold of one log must find the same, beside each wallet's balance, status, purchases and open orders."""

_RIVALS: Final = ROOT / "tests" / "bench"
_BUILT: Final = ("kafka-streams", "kafka-connect")
"""The modules of `tests/bench/pom.xml`."""
_BUILD_LIMIT_S: Final = 900

Command = list[str | Path]
Starter = Callable[[Log, Path], AbstractContextManager[Command]]


@dataclass(frozen=True)
class Run:
    """One run of one contestant: seconds from the first record to the last, and what it found."""

    events: int
    seconds: float
    startup_seconds: float
    peak_bytes: int
    found: Mapping[str, int]
    wallets_digest: str
    warehouse: str = ""

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


@dataclass(frozen=True)
class Contestant:
    """`name` is for programs, `label` for people; a reader only reads."""

    name: str
    label: str
    command: Starter

    def run(self, log: Log, scratch: Path) -> Run:
        """One run over the whole log. Raises BenchError.

        Its files are left in a folder of their own in `scratch`: ext4 makes files slowly for half a minute after many
        were deleted, which would count in the time of the next one.
        """
        folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-", dir=scratch))
        with self.command(log, folder) as command:
            answer, peak = run(self.label, command, folder / "log")
            wallets = folder / "wallets.csv"
            digest = hashlib.sha256(wallets.read_bytes()).hexdigest() if wallets.exists() else ""
        if answer["events"] != log.events or not answer["seconds"]:
            raise BenchError(f"{self.label} did {answer['events']} of {log.events} events in {answer['seconds']} s")
        return Run(
            answer["events"],
            answer["seconds"],
            answer["startup_seconds"],
            answer.get("peak_bytes", peak),
            {name: answer[name] for name in AGREED if name in answer},
            digest,
            answer.get("warehouse", ""),
        )


def _module(name: str, log: Log, *arguments: str | Path) -> Command:
    where = ("--bootstrap-servers", log.bootstrap, "--topic", log.topic)
    return [sys.executable, "-m", f"tests.bench.{name}", *where, *arguments]


def dompet(log: Log, folder: Path, warehouse: str) -> Command:
    """A worker that folds the log into an empty warehouse, as `run_dompet` says."""
    home = ("--home", folder / "home", "--output", folder / "wallets.csv")
    return _module("run_dompet", log, *home, "--warehouse", warehouse)


@contextmanager
def _chdb(log: Log, folder: Path) -> Iterator[Command]:
    yield dompet(log, folder, f"chdb://{folder / 'warehouse'}")


@contextmanager
def _server(log: Log, folder: Path) -> Iterator[Command]:
    with ClickHouseServer(folder / "clickhouse") as server:
        yield dompet(log, folder, server.url)


@contextmanager
def _faust(log: Log, folder: Path) -> Iterator[Command]:
    yield _module("faust_rival", log, "--events", str(log.events), "--output", folder / "wallets.csv")


@contextmanager
def _raw(log: Log, folder: Path) -> Iterator[Command]:
    yield _module("run_raw", log)


def streams(log: Log, folder: Path) -> Command:
    """The rival in Kafka Streams, as an application of its own."""
    return [
        *java("kafka-streams", "dompet.rival.Main"),
        *("--bootstrap-servers", log.bootstrap, "--topic", log.topic),
        *("--application-id", f"bench-{uuid.uuid4().hex}", "--state-dir", folder / "state"),
    ]


@contextmanager
def _kafka_streams(log: Log, folder: Path) -> Iterator[Command]:
    yield [*streams(log, folder), "--output", folder / "wallets.csv"]


RAW: Final = Contestant("raw", "raw reading (confluent-kafka)", _raw)
CHDB: Final = Contestant("chdb", "dompet into chDB", _chdb)
SERVER: Final = Contestant("server", "dompet into clickhouse-server", _server)
SIXTEEN: Final = Contestant("sixteen", "dompet, all sixteen types", _chdb)
"""On a log of its own: the rivals know five of the types."""
STREAMS: Final = Contestant("streams", "Kafka Streams, fold only", _kafka_streams)
FAUST: Final = Contestant("faust", "Faust agent, fold only", _faust)


def java(module: str, main: str) -> Command:
    """A main class of a rival in Java, with what it needs."""
    jar = _jar(module)
    return [find_java(), "-cp", f"{jar}:{jar.parent / 'libs'}/*", main]


def _jar(module: str) -> Path:
    return _RIVALS / module / "target" / f"{module}-rival-1.jar"


def build_rivals() -> None:
    """Compile the rivals in Java, with Maven, where their sources changed since that was done; processes that come
    together take turns. Raises BenchError.
    """
    SCRATCH.mkdir(exist_ok=True)
    with (SCRATCH / "rivals.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _are_built():
            _build()


def _are_built() -> bool:
    sources = [_RIVALS / "pom.xml"]
    for module in _BUILT:
        sources += [_RIVALS / module / "pom.xml", *(one for one in _RIVALS.glob(f"{module}/src/**/*") if one.is_file())]
    changed = max(source.stat().st_mtime for source in sources)
    return all(_jar(module).exists() and _jar(module).stat().st_mtime > changed for module in _BUILT)


def _build() -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise BenchError("Maven is needed to build the rivals in Java: apt-get install maven")
    command = [maven, "--batch-mode", "--quiet", "package"]
    answer = subprocess.run(command, cwd=_RIVALS, capture_output=True, text=True, timeout=_BUILD_LIMIT_S, check=False)
    if answer.returncode != 0:
        raise BenchError(f"the rivals in Java cannot be built:\n{answer.stdout}{answer.stderr}".strip())
