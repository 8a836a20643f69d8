"""A part of the benchmark, run with very little of everything: whether all of it works."""

import subprocess
import sys

from tests.bench.processes import ROOT


def said_by(part: str, timeout_s: float = 250) -> str:
    """All that a quick run of the part says; it ends well."""
    command = [sys.executable, "-m", "tests.bench", "--only", part, "--quick"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, check=False)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    return said
