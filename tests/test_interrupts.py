"""The suite under a shell that ignores interrupts, as one that runs it in the background does."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_CASE = "tests/streams/commands/test_cli.py::test_ctrl_c_while_a_module_is_loaded_ends_with_130_too"


@pytest.mark.server
def test_what_tests_start_can_be_interrupted_though_the_shell_ignores_it() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", _CASE]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ran = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=120, check=False)
    finally:
        signal.signal(signal.SIGINT, before)
    assert ran.returncode == 0, ran.stdout
