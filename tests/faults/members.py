"""Processes that faults end and start again, and what became of them."""

import os
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from dompet.infra.child import Child

_STOP_LIMIT_S: Final = 45.0
_RESTART_S: Final = 1.0
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_OURS: Final = (0, -signal.SIGTERM, 128 + signal.SIGTERM)
"""How a process may end that was asked to: a signal that comes while it loads ends it, too."""
_REFUSED: Final = 2
"""The exit code of a worker or publisher that could not begin: a server was away, or refused its first requests."""


class Part(Protocol):
    """Something that faults end, stop and start."""

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""

    def start(self) -> None:
        """Start it, and return once it works, or once it runs."""

    def stop(self) -> None:
        """End it in order."""

    def kill(self) -> None:
        """End it at once, as kill -9 does."""


class Member:
    """A process of ours. One that ends by itself is noted, and started again, as a service manager would.

    `ends_by_lease`: the kernel may end it by SIGKILL, where it was stopped for too long with records on their way.
    """

    def __init__(self, name: str, command: Sequence[str | Path], folder: Path, *, ends_by_lease: bool = False) -> None:
        self.name = name
        self.finished = False
        self.ends: list[str] = []
        """How it ended when no fault made it."""
        self.refused = 0
        """How often it did not begin."""
        self.lapsed = 0
        """How often its lease ended it."""
        self.peak_bytes = 0
        """The most memory that any of its processes held."""
        self._command = command
        self._folder = folder
        self._ends_by_lease = ends_by_lease
        self._turn = threading.RLock()
        self._child: Child | None = None
        self._ended_s = 0.0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        child = self._child
        return child.pid if child and child.running else None

    def start(self) -> None:
        """Start it, unless it runs."""
        with self._turn:
            if self.pid is None and not self.finished:
                self._child = Child(
                    self._command,
                    log=self._folder / f"{self.name}.log",
                    cwd=self._folder,
                    death_signal=signal.SIGKILL,
                )

    def stop(self) -> None:
        """End it in order."""
        with self._turn:
            self._end(_OURS)

    def kill(self) -> None:
        """End it at once, as kill -9 does."""
        with self._turn:
            self._end((-signal.SIGKILL,))

    def look(self) -> None:
        """Take note of its memory and of an end of its own; start it again a moment after."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            self._look()
        finally:
            self._turn.release()

    def _look(self) -> None:
        if self._child is None:
            return
        if self._child.running:
            self.peak_bytes = max(self.peak_bytes, memory_bytes(self._child.pid, "VmHWM"))
        elif self._child.returncode == 0:
            self.finished = True
            self._child = None
        elif not self._ended_s:
            self._note()
            self._ended_s = time.monotonic()
        elif time.monotonic() - self._ended_s > _RESTART_S:
            self._ended_s = 0.0
            self.start()

    def _end(self, expected: Sequence[int]) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.running:
            self.peak_bytes = max(self.peak_bytes, memory_bytes(child.pid, "VmHWM"))
        child.kill() if expected == (-signal.SIGKILL,) else child.stop(_STOP_LIMIT_S)
        already_noted, self._ended_s = bool(self._ended_s), 0.0
        if child.returncode not in expected and not already_noted:
            self._child = child
            self._note()
            self._child = None

    def _note(self) -> None:
        assert self._child is not None
        said = self._child.last_lines(1)
        if self._child.returncode == _REFUSED:
            self.refused += 1
            return
        if self._ends_by_lease and self._child.returncode == -signal.SIGKILL:
            self.lapsed += 1
            return
        self.ends.append(f"{self.name} ended with exit code {self._child.returncode}: {said.strip() or 'no word'}")


def pause(part: Part) -> None:
    """SIGSTOP."""
    if (pid := part.pid) is not None:
        os.kill(pid, signal.SIGSTOP)


def resume(part: Part) -> None:
    """SIGCONT."""
    if (pid := part.pid) is not None:
        os.kill(pid, signal.SIGCONT)


def memory_bytes(pid: int, what: str = "VmRSS") -> int:
    """The memory that a process holds resident, or at most held (VmHWM); 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(f"{what}:")), 0)


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used; 0 where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
