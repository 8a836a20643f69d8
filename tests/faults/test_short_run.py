"""A short run of the harness, of the same parts as the long one of `make faults`."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
_LIMIT_S = 400


@contextmanager
def harness(temporary: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m tests.faults` with its files in a folder of the test's own; killed afterwards if it still runs."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults", *options],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.timeout(_LIMIT_S + 20)
def test_nothing_is_lost_or_doubled_whatever_is_killed_stopped_or_cut_off(tmp_path: Path) -> None:
    with harness(tmp_path, "--seed", "1", "--events", "50000", "--kills", "10", "--others", "6") as run:
        said = run.communicate(timeout=_LIMIT_S)[0]
    assert run.returncode == 0, said
    assert "faults: 16, of which 10 kills" in said
    for killed in ("broker", "clickhouse", "gateway", "publisher", "router", "worker"):
        assert re.search(rf"^  kill +{killed} +[1-9]", said, re.MULTILINE), said
    assert re.search(r"^of the log from inboxes: [1-9]", said, re.MULTILINE), said
    assert "\nlost: 0\ndoubled: 0\n" in said
    assert said.endswith("all of it holds\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.timeout(_LIMIT_S + 20)
def test_nothing_is_lost_or_doubled_where_the_engine_of_an_embedded_warehouse_is_killed(tmp_path: Path) -> None:
    options = ("--embedded", "--seed", "1", "--events", "10000", "--kills", "6", "--others", "0")
    with harness(tmp_path, *options) as run:
        said = run.communicate(timeout=_LIMIT_S)[0]
    assert run.returncode == 0, said
    assert re.search(r"^  kill +clickhouse +[1-9]", said, re.MULTILINE), said
    assert "\nlost: 0\ndoubled: 0\n" in said
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_interrupted_leaves_nothing_behind(tmp_path: Path) -> None:
    with harness(tmp_path, "--events", "20000", "--kills", "2") as run:
        assert run.stdout
        while "acknowledged" not in run.stdout.readline():
            assert run.poll() is None
        run.send_signal(signal.SIGINT)
        assert run.wait(60) == 130
    assert list(tmp_path.iterdir()) == []
    assert _processes_of(tmp_path) == []


def _processes_of(folder: Path) -> list[str]:
    """The commands of processes that work in the folder; one that is just ending is given a moment."""
    deadline = time.monotonic() + 5
    while found := [line for line in _commands() if str(folder) in line]:
        if time.monotonic() > deadline:
            return found
        time.sleep(0.05)
    return []


def _commands() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
