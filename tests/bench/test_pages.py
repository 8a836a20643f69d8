"""The part `pages` measures readers beside a worker."""

import subprocess
import sys

import pytest

from tests.bench.processes import ROOT


@pytest.mark.server
def test_readers_are_measured_beside_a_worker_and_judged() -> None:
    command = [sys.executable, "-m", "tests.bench", "--only", "pages", "--quick"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    for words in ("0 of", "person: p95", "first byte after", "the pages' process held", "20 who watch take"):
        assert words in said
