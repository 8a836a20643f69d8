"""The part `gateway` measures a gateway beside a plain producer."""

import subprocess
import sys

import pytest

from tests.bench.processes import ROOT

pytestmark = pytest.mark.server


def test_a_gateway_is_measured_beside_a_plain_producer_and_judged() -> None:
    command = [sys.executable, "-m", "tests.bench", "--only", "gateway", "--quick"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    for words in ("a plain producer:", "at least 30,000 are wanted", "at least 1,500 are wanted", "p99"):
        assert words in said
