"""The part `engine` measures the engine beside chDB itself."""

import subprocess
import sys

import pytest

from tests.bench.processes import ROOT

pytestmark = pytest.mark.server


def test_the_engine_is_measured_beside_chdb_itself_and_judged() -> None:
    command = [sys.executable, "-m", "tests.bench", "--only", "engine", "--quick"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    for words in ("engine, Native", "chDB, Arrow", "SELECT 1: answered in", "of chDB itself; at least 0.7 is wanted"):
        assert words in said
