"""The part `router` measures a router beside a plain copy."""

import subprocess
import sys

import pytest

from tests.bench.processes import ROOT

pytestmark = pytest.mark.server


def test_a_router_is_measured_beside_a_plain_copy_and_judged() -> None:
    command = [sys.executable, "-m", "tests.bench", "--only", "router", "--quick"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    for words in ("plain reading and producing", "the router's processor time:", "at least 150,000 are wanted"):
        assert words in said
