"""The long run's command, with few seeds."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.server


def test_the_command_runs_seeds_side_by_side_and_says_what_it_did() -> None:
    command = [sys.executable, "-m", "tests.simulation", "--seeds", "16", "--processes", "2"]
    ran = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("16 seeds, ")
    assert "; 0 found a fault\n" in ran.stdout
