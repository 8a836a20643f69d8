"""Publishing beside producing ready bytes by librdkafka: each way in turn, on one core beside the broker."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from dompet.infra.broker import LocalBroker
from dompet.streams.terminal.console import note, out
from tests.bench.contestants import SCRATCH
from tests.bench.import_example import DATA
from tests.bench.processes import run
from tests.bench.rates import rates_page, verdict

EVENTS: Final = 300_000
RUNS: Final = 5
READY: Final = "ready"
AT_LEAST: Final[Mapping[str, float]] = {"tables": 0.6, "lines": 0.25, "import": 0.25}
"""Of the rate of ready bytes, in the same turn."""
LINES_TIMES_ONE_BY_ONE: Final = 4.0


@dataclass(frozen=True)
class Timed:
    """One run of one way."""

    events: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def ratio(found: Mapping[str, Sequence[Timed]], name: str, beside: str) -> float:
    """The rate of one way by that of another, turn by turn: the median of the turns."""
    pairs = zip(found[name], found[beside], strict=True)
    return median(one.rate / other.rate for one, other in pairs)


def cpu_ratio(found: Mapping[str, Sequence[Timed]], name: str, beside: str) -> float:
    """The same by events a second of the processor's time, which another process cannot take away."""
    costs = {way: [one.cpu_seconds / one.events for one in found[way]] for way in (name, beside)}
    return median(theirs / ours for ours, theirs in zip(costs[name], costs[beside], strict=True))


def measure(events: int, runs: int) -> dict[str, list[Timed]]:
    """Every way's runs. Raises BenchError."""
    SCRATCH.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-publishing-", dir=SCRATCH) as home,
        LocalBroker(Path(home) / "kafka", 0, libs=SCRATCH / "kafka-libs") as broker,
    ):
        where = ("--bootstrap-servers", broker.bootstrap, "--events", str(events), "--runs", str(runs))
        command = [sys.executable, "-m", "tests.bench.run_publishing", *where]
        answer, _ = run("publishing", command, Path(home) / "log")
    return {name: [Timed(**one) for one in timed] for name, timed in answer.items()}


def show(found: Mapping[str, Sequence[Timed]]) -> int:
    """Show the rates and what is promised of them; 0 where all is kept."""
    out.print(rates_page("Publishing, on one core", {name: [one.rate for one in runs] for name, runs in found.items()}))
    broken = 0
    for name, least in AT_LEAST.items():
        if name not in found:
            note(f"{name} was not measured: {DATA} is not there")
            continue
        wall, cpu = ratio(found, name, READY), cpu_ratio(found, name, READY)
        sentence = f"{name}: {wall:.2f} of ready bytes (by processor time {cpu:.2f}); at least {least} is wanted"
        broken |= verdict(sentence, kept=wall >= least)
    times = ratio(found, "lines", "one by one")
    sentence = f"lines: {times:.1f} x one by one; at least {LINES_TIMES_ONE_BY_ONE:g} is wanted"
    return broken | verdict(sentence, kept=times >= LINES_TIMES_ONE_BY_ONE)
