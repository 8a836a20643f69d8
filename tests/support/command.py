"""The command line as a user runs it: a process of its own, without this user's settings."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

_LIMIT_S = 240
NOTHING_SET: Final[Mapping[str, str]] = MappingProxyType({})
DOMPET = [sys.executable, "-m", "dompet.streams.cli"]


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one sentence on stderr of a command that could not do its work."""
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1, self.err
        assert self.out == ""
        return self.err.removeprefix("dompet: ").rstrip("\n")


def environment(variables: Mapping[str, str] = NOTHING_SET) -> dict[str, str]:
    """This process's environment without dompet's own and rich's variables, and with these."""
    foreign = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("DOMPET_") and name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM")
    }
    return {**foreign, "TERM": "xterm", **variables}


def dompet(*arguments: str, cwd: Path, stdin: bytes = b"", variables: Mapping[str, str] = NOTHING_SET) -> Ran:
    """Run a command to its end."""
    ran = subprocess.run(
        [*DOMPET, *arguments],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=environment(variables),
        timeout=_LIMIT_S,
        check=False,
    )
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())
