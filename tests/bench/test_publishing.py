"""The part `publishing` measures each way, and says first what it lacks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import needs
from tests.bench.processes import ROOT


def test_every_way_is_measured_and_no_library_logs_into_the_output(kafka: str) -> None:
    where = ("--bootstrap-servers", kafka, "--events", "2000", "--runs", "1")
    command = [sys.executable, "-m", "tests.bench.run_publishing", *where]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    found = json.loads(ran.stdout)
    assert {"ready", "tables", "lines", "one by one"} <= found.keys()
    assert [found[name][0]["events"] for name in ("ready", "tables", "lines", "one by one")] == [2000, 2000, 2000, 400]


@pytest.mark.server
def test_what_is_missing_is_said_before_anything_is_measured() -> None:
    command = [sys.executable, "-m", "tests.bench", "--only", "publishing", "--quick"]
    ran = subprocess.run(
        command, cwd=ROOT, env={"PATH": "/nowhere"}, capture_output=True, text=True, timeout=250, check=False
    )
    assert ran.returncode == 2
    assert ran.stderr == "bench: java is missing: apt-get install openjdk-17-jre-headless\n"


def test_a_disk_without_room_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "PART_DISK_BYTES", 10**18)
    [sentence] = needs.missing(tmp_path / "later", "publishing")
    assert sentence.startswith(f"{tmp_path} has ")
