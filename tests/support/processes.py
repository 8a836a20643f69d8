"""Programs that the tests start in order to kill them."""

import subprocess
import sys
import time
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def kill_the_parent(program: str, *arguments: str | Path) -> int:
    """Run a Python program that starts a child, prints its pid and waits for input; kill -9 it; return that pid."""
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        text=True,
    ) as parent:
        assert parent.stdout
        try:
            return int(parent.stdout.readline())
        finally:
            parent.kill()


def ends_within(limit_s: float, pid: int) -> bool:
    """Whether a process that is not our child ends within `limit_s` seconds."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if not _runs(pid):
            return True
        time.sleep(0.02)
    return False


def _runs(pid: int) -> bool:
    # Where nobody reaps orphans an ended process stays as a zombie ("Z").
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
