"""The command line as a user runs it: a process of its own, without this user's settings."""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final

_LIMIT_S = 240
NOTHING_SET: Final[Mapping[str, str]] = MappingProxyType({})
DOMPET = [sys.executable, "-m", "dompet.streams.cli"]
_ROOT: Final = Path(__file__).parents[2]


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
    """Run a command to its end.

    It is a fork of a process that has loaded its modules, which takes a tenth of Python's own start; with variables
    that other libraries may read as they are loaded, Python is started.
    """
    run = _forked if all(name == "COLUMNS" or name.startswith("DOMPET_") for name in variables) else _started
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        code = run(arguments, cwd, environment(variables), (given, out, err))
        out.seek(0)
        err.seek(0)
        return Ran(code, out.read().decode(), err.read().decode())


Files = tuple[IO[Any], IO[Any], IO[Any]]
"""stdin, stdout, stderr."""


def _started(arguments: tuple[str, ...], cwd: Path, variables: Mapping[str, str], files: Files) -> int:
    given, out, err = files
    command = [*DOMPET, *arguments]
    return subprocess.run(
        command, stdin=given, stdout=out, stderr=err, cwd=cwd, env=variables, timeout=_LIMIT_S, check=False
    ).returncode


def _forked(arguments: tuple[str, ...], cwd: Path, variables: Mapping[str, str], files: Files) -> int:
    process = ForkedProcess(arguments, cwd, variables, files)
    try:
        return process.wait(_LIMIT_S)
    finally:
        process.kill()


class ForkedProcess:
    """A command that runs as a fork of the process that has loaded its modules; used as subprocess.Popen is."""

    def __init__(self, arguments: Sequence[str], cwd: Path, variables: Mapping[str, str], files: Files) -> None:
        request = {"arguments": arguments, "cwd": str(cwd.absolute()), "environment": variables}
        ended, ends = os.pipe()
        self._result = os.fdopen(ended, "rb", buffering=0)
        try:
            socket.send_fds(_server(), [json.dumps(request).encode()], [*(one.fileno() for one in files), ends])
        finally:
            os.close(ends)
        self.args = [*DOMPET, *arguments]
        self.pid = int(self._result.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        if self.returncode is None and self._has_ended(0):
            self.returncode = int(self._result.readline())
            self._result.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code once it has ended; subprocess.TimeoutExpired where it does not within `timeout` seconds."""
        if self.returncode is None:
            self._has_ended(timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def _has_ended(self, timeout: float | None) -> bool:
        result = select.poll()  # `select` takes no descriptor above 1,023
        result.register(self._result, select.POLLIN)
        return bool(result.poll(None if timeout is None else timeout * 1000))

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait(_LIMIT_S)


@cache
def _server() -> socket.socket:
    """Where commands are asked for. The process behind it ends when this one does."""
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.command_server", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=_ROOT,
        env=environment(),
    )
    theirs.close()
    atexit.register(process.wait, _LIMIT_S)
    atexit.register(mine.close)  # the last one registered is called first
    return mine
