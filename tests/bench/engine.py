"""The engine beside chDB itself: the first row of `SELECT 1`, and a long answer, by turns in one run."""

import http.client
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final
from urllib.parse import urlencode

from dompet.streams.terminal.console import out
from tests.bench.contestants import SCRATCH
from tests.bench.processes import run
from tests.bench.rates import rates_page, verdict
from tests.bench.run_chdb import FORMATS, SQL
from tests.support.engines import EngineProcess, engine

ROWS: Final = 1_000_000
RUNS: Final = 5
FIRST_ROWS: Final = 200
AT_LEAST: Final = 0.7
"""Of the rate of chDB itself, in the same turn."""
FIRST_ROW_MS_MAX: Final = 5.0

Seconds = dict[str, list[float]]
"""By what was timed: the seconds of each turn."""


def measure(rows: int, runs: int) -> Seconds:
    """What each turn took: of chDB and of the engine a long answer in each format, and `SELECT 1`. BenchError where
    chDB cannot be measured.
    """
    SCRATCH.mkdir(exist_ok=True)
    found: Seconds = {name: [] for form in FORMATS for name in (f"chDB, {form}", f"engine, {form}")}
    found["SELECT 1"] = []
    with tempfile.TemporaryDirectory(prefix="bench-engine-", dir=SCRATCH) as home:
        folder = Path(home) / "warehouse"
        for _ in range(runs):
            command = [sys.executable, "-m", "tests.bench.run_chdb", str(folder), "--rows", str(rows)]
            alone, _ = run("chDB", command, Path(home) / "log")
            with engine(folder, seconds=600, rows=10 * rows, sent_bytes=1 << 40) as running:
                for form in FORMATS:
                    found[f"chDB, {form}"].append(alone[form])
                    _asked(running, SQL, form)  # what the system reads from the disk is in memory from now on
                    found[f"engine, {form}"].append(_asked(running, SQL, form))
                found["SELECT 1"] += [_asked(running, "SELECT 1", "TSV") for _ in range(FIRST_ROWS)]
    return found


def _asked(running: EngineProcess, sql: str, form: str) -> float:
    """Seconds until a guest, on a connection of its own, has the whole answer."""
    began_s = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=600)
    try:
        connection.request("POST", f"/?{urlencode({'default_format': form})}", sql.encode())
        response = connection.getresponse()
        while response.read(1 << 20):
            pass
    finally:
        connection.close()
    assert response.status == 200, response.reason
    return time.perf_counter() - began_s


def show(found: Mapping[str, Sequence[float]], rows: int) -> int:
    """Show the rates and what is promised of them; 0 where all is kept."""
    rates = {name: [rows / one for one in seconds] for name, seconds in found.items() if name != "SELECT 1"}
    out.print(rates_page(f"An answer of {rows:,} rows, in rows a second", rates, unit="rows/s"))
    first_ms = median(found["SELECT 1"]) * 1_000
    broken = verdict(
        f"SELECT 1: answered in {first_ms:.1f} ms; at most {FIRST_ROW_MS_MAX:g} are wanted",
        kept=first_ms <= FIRST_ROW_MS_MAX,
    )
    for form in FORMATS:
        pairs = zip(found[f"chDB, {form}"], found[f"engine, {form}"], strict=True)
        ratio = median(theirs / ours for theirs, ours in pairs)
        sentence = f"{form}: {ratio:.2f} of chDB itself; at least {AT_LEAST} is wanted"
        broken |= verdict(sentence, kept=ratio >= AT_LEAST)
    return broken
