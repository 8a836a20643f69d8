"""The part `analysts` measures analysts beside a worker."""

import subprocess
import sys

import pytest

from tests.bench.processes import ROOT

pytestmark = pytest.mark.server


def test_analysts_are_measured_beside_a_worker_and_judged() -> None:
    command = [sys.executable, "-m", "tests.bench", "--only", "analysts", "--quick"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    assert "questions refused" in said
