"""A server as a child process: it never outlives its parent, and only its parent stops it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import MappingProxyType

from dompet.infra import parent_guard

_LOG_BYTES_MAX = 10_000_000
_TAIL_BYTES_MAX = 16_384


class Child:
    """A running command, its output appended to a log file.

    It has a session of its own, so a Ctrl-C in the terminal reaches the parent alone, which stops the child in order.
    If the parent ends without doing so, even by kill -9, the child gets `death_signal`.

    `variables` are added to this process's environment: their values are in no list of processes.

    Raises OSError if no process can be started; a command that does not exist ends at once and says so in the log.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        cwd: Path,
        death_signal: signal.Signals = signal.SIGTERM,
        pass_fds: Sequence[int] = (),
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._log = log
        if log.exists() and log.stat().st_size > _LOG_BYTES_MAX:
            log.replace(log.with_name(log.name + ".1"))
        self._log_start = log.stat().st_size if log.exists() else 0
        guard = [sys.executable, "-I", "-S", parent_guard.__file__, str(os.getpid()), str(int(death_signal))]
        guarded = [*guard, *command]
        started: Future[subprocess.Popen[bytes]] = Future()

        def run() -> None:
            try:
                process = _process(guarded, log, cwd, pass_fds, variables)
            except OSError as error:
                started.set_exception(error)
                return
            started.set_result(process)
            process.wait()

        # The kernel counts the thread that forked as the parent: so a thread forks that lives as long as the child.
        self._waiter = threading.Thread(target=run, name=f"waits for {Path(command[0]).name}", daemon=True)
        self._waiter.start()
        self._process = started.result()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._waiter.is_alive()

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for the signal that ended it; None while it runs."""
        return self._process.returncode

    def stop(self, limit_s: float) -> None:
        """Ask it to end (SIGTERM), wait, and kill it after `limit_s` seconds."""
        self._process.terminate()
        self._waiter.join(limit_s)
        self.kill()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._process.kill()
        self._waiter.join()

    def last_lines(self, count: int = 8) -> str:
        """The last lines that this run wrote to its log."""
        with self._log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, size - _TAIL_BYTES_MAX))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-count:])


def _process(
    command: Sequence[str | Path], log: Path, cwd: Path, pass_fds: Sequence[int], variables: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    """Started in a session of its own, with its output appended to the log."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            start_new_session=True,
            pass_fds=pass_fds,
            env={**os.environ, **variables},
        )
