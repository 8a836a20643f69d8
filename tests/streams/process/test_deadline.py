"""A process ends at its deadline, also where it is stopped, and not where the deadline was lifted or moved."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.server

_PROGRAM = """
import sys, time
from dompet.streams.process.deadline import Deadline
deadline = Deadline()
deadline.set(deadline.now() + 0.5)
{then}
print("begun", flush=True)
time.sleep(float(sys.argv[1]))
print("gone on", flush=True)
"""


@pytest.mark.parametrize(
    ("then", "stopped", "ends_by"),
    [
        ("", False, -signal.SIGKILL),
        ("", True, -signal.SIGKILL),
        ("deadline.set(deadline.now() - 1)", False, -signal.SIGKILL),
        ("deadline.lift()", False, 0),
        ("deadline.set(deadline.now() + 60)", False, 0),
    ],
)
def test_the_kernel_ends_it(then: str, stopped: bool, ends_by: int) -> None:
    command = [sys.executable, "-c", _PROGRAM.format(then=then), "60" if ends_by else "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        if "-" not in then:
            assert process.stdout.readline() == "begun\n"
        if stopped:
            os.kill(process.pid, signal.SIGSTOP)
        try:
            assert process.wait(30) == ends_by
        finally:
            process.kill()
