"""Where a worker's processor time goes: microseconds an event, stage by stage, on a log of all types."""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dompet.streams.terminal.console import out
from dompet.streams.terminal.tables import rows_table
from tests.bench.processes import run
from tests.bench.publish import Log
from tests.bench.rates import verdict

MOST_US: Final = 3.2
"""An event of all types, from the log to the warehouse, one thread."""
HEADINGS: Final = ("stage", "CPU µs an event", "share")


@dataclass(frozen=True)
class Profile:
    """Microseconds of processor time an event, by stage, the dearest first."""

    events: int
    stages: dict[str, float]

    @property
    def total_us(self) -> float:
        """Of all stages."""
        return sum(self.stages.values())

    def rows(self) -> Iterator[tuple[str, ...]]:
        """A row for each stage, and one for all."""
        for name, took_us in self.stages.items():
            yield name, f"{took_us:.2f}", f"{took_us / self.total_us:.0%}"
        yield "all", f"{self.total_us:.2f}", ""


def profile(log: Log, scratch: Path) -> Profile:
    """Fold the log once. Raises BenchError."""
    with tempfile.TemporaryDirectory(prefix="stages-", dir=scratch) as folder:
        where = ("--bootstrap-servers", log.bootstrap, "--topic", log.topic, "--home", folder)
        command = [sys.executable, "-m", "tests.bench.run_stages", *where]
        found = run("run_stages", command, Path(folder) / "log")[0]
    dearest = sorted(found["stages"].items(), key=lambda stage: -stage[1])
    return Profile(found["events"], {name: seconds / found["events"] * 1e6 for name, seconds in dearest})


def show(found: Profile) -> int:
    """Show the stages and what is promised of all; 0 where it is kept."""
    rows = [dict(zip(HEADINGS, row, strict=True)) for row in found.rows()]
    out.print(rows_table(f"{found.events:,} events of all types, one thread", rows, HEADINGS))
    sentence = f"{found.total_us:.2f} µs of processor time an event; at most {MOST_US} are wanted"
    return verdict(sentence, kept=found.total_us <= MOST_US)
