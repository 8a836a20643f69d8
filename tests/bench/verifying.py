"""What proof costs: `dompet verify` beside the worker whose work it verifies, in turn, on one log.

Run it as `python -m tests.bench.verifying [--server]`; it ends with 1 where the warehouse is not what the log says, or
where verifying is slower than the worker was. The worker's clock is the benchmark's (`run_dompet.py`); that of `verify`
is its own, from before it reaches Kafka and the warehouse to its last comparison.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from dompet.infra.broker import LocalBroker
from dompet.streams.terminal.console import out, working
from tests.bench.contestants import CHDB, SCRATCH, SERVER, Contestant
from tests.bench.measure import publish_programme
from tests.bench.processes import ROOT, BenchError, run
from tests.bench.publish import Log
from tests.bench.rates import rates_page, run_alone, verdict

_LIMIT_S: Final = 600


def rates(contestant: Contestant, log: Log, folder: Path) -> tuple[float, float]:
    """Records a second of one worker and of `verify` after it. Raises BenchError where they do not agree."""
    with contestant.command(log, folder) as command:
        answer, _ = run(contestant.label, command, folder / "log")
        where = [f"{option}={command[command.index(option) + 1]}" for option in ("--home", "--warehouse")]
        kafka = (f"--kafka={log.bootstrap}", f"--log-topic={log.topic}")
        verify = [sys.executable, "-m", "dompet.streams.cli", "verify", *where, *kafka]
        said = subprocess.run(verify, cwd=ROOT, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
    found = re.search(rf"folded {log.events:,} records in .* ([\d,]+) a second", said.stderr)
    if said.returncode or not found:
        raise BenchError(f"dompet verify ended with exit code {said.returncode} and said:\n{said.stdout}{said.stderr}")
    return log.events / answer["seconds"], float(found[1].replace(",", ""))


def main() -> int:
    """0; 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.verifying", description="What proof costs.")
    parser.add_argument("--server", action="store_true", help="a ClickHouse server rather than chDB")
    parser.add_argument("--people", type=int, default=210_000, help="people of the programme (default 210,000)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each (default 5)")
    options = parser.parse_args()
    contestant = SERVER if options.server else CHDB
    found: dict[str, list[float]] = {"dompet worker": [], "dompet verify": []}
    SCRATCH.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=SCRATCH) as home,
        LocalBroker(Path(home) / "kafka", 0, libs=SCRATCH / "kafka-libs") as broker,
    ):
        log = publish_programme(broker.bootstrap, "bench.all", options.people)
        for turn in range(1, options.runs + 1):
            folder = Path(home) / str(turn)
            folder.mkdir()
            with working(f"run {turn} of {options.runs}"):
                for each, rate in zip(found.values(), rates(contestant, log, folder), strict=True):
                    each.append(rate)
    out.print(rates_page(contestant.label, found))
    ratio = median(found["dompet verify"]) / median(found["dompet worker"])
    return verdict(f"verify at {ratio:.2f} × the worker's rate (1 promised)", kept=ratio >= 1)


if __name__ == "__main__":
    run_alone(main)
