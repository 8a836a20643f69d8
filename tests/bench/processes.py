"""Processes of the benchmark: each one alone, ended with the benchmark, its peak of memory watched."""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dompet.infra.child import Child

ROOT = Path(__file__).parents[2]
LIMIT_S = 600.0
_LOOK_S = 0.1
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """What went wrong, as a sentence."""


def run(name: str, command: Sequence[str | Path], log: Path) -> tuple[Any, int]:
    """Run a command to its end: the JSON that it printed last, and the most memory that it held, in bytes.

    Raises BenchError where it fails, or takes longer than LIMIT_S seconds.
    """
    child = Child(command, log=log, cwd=ROOT)
    peak, deadline = 0, time.monotonic() + LIMIT_S
    try:
        while child.running and time.monotonic() < deadline:
            peak = max(peak, peak_bytes(child.pid))
            time.sleep(_LOOK_S)
    finally:
        child.kill()
    said = child.last_lines()
    if child.returncode != 0:
        raise BenchError(f"{name} ended with exit code {child.returncode} and said:\n{said}")
    answers = [line for line in said.splitlines() if line.startswith(("{", "["))]
    if not answers:
        raise BenchError(f"{name} printed no answer but:\n{said}")
    return json.loads(answers[-1]), peak


def peak_bytes(pid: int | str = "self") -> int:
    """The most memory that the process ever held resident; 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def age_s() -> float:
    """Seconds since this process began."""
    began_ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return float(Path("/proc/uptime").read_text().split()[0]) - began_ticks / _TICKS_PER_S
