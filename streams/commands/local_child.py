"""A command of dompet as a child process of another one."""

import logging
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from dompet.infra.child import Child
from dompet.schemas.errors import DompetError
from dompet.streams.settings import Settings
from dompet.streams.settings.declaring import variable_of

log = logging.getLogger("dompet.child")

_STOP_LIMIT_S: Final = 15.0
_WATCH_S: Final = 0.5
_PAUSE_S: Final = (1.0, 30.0)
"""How long to wait before a child that ended by itself has a successor: twice as long each time, up to the second. One
that lived for longer than that begins with the first again.
"""


class NotStarted(DompetError):
    """The system gives no process."""


def log_file(home: Path, command: str) -> Path:
    """Where a command that another one started writes to."""
    return home / f"{command}.log"


def started(command: str, settings: Settings, given: dict[str, Any]) -> Child:
    """`dompet COMMAND`, which ends with this process. What is `given` goes as variables, for a list of processes shows
    no password then; all else it has as this process has it. It writes to its `log_file`. Raises NotStarted.
    """
    variables = {variable_of(name): str(value) for name, value in given.items() if value is not None}
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return Child(
            [sys.executable, "-m", "dompet.streams.cli", command],
            log=log_file(settings.home, command),
            cwd=Path.cwd(),
            variables=variables,
        )
    except OSError as error:
        raise NotStarted(f"dompet {command} cannot be started: {error.strerror}") from None


class _Beside:
    """A child, and after it another one, until `stop`."""

    def __init__(self, command: str, settings: Settings, given: dict[str, Any]) -> None:
        self._command = command
        self._settings = settings
        self._given = given
        self._child = started(command, settings, given)
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch, name=f"watches {command}", daemon=True)
        self._watching.start()

    def stop(self) -> None:
        """End it in order."""
        self._over.set()
        self._watching.join()
        self._child.stop(_STOP_LIMIT_S)

    def _watch(self) -> None:
        shortest, longest = _PAUSE_S
        pause, began = shortest, time.monotonic()
        while not self._over.wait(_WATCH_S):
            if self._child.running:
                continue
            if time.monotonic() - began > longest:
                pause = shortest
            log.warning(
                "dompet %s ended by itself (%s): another one is started; see %s",
                self._command,
                _how(self._child.returncode),
                log_file(self._settings.home, self._command),
            )
            if self._over.wait(pause):
                return
            pause, began = min(2 * pause, longest), time.monotonic()
            with suppress(NotStarted):  # the system may give a process the next time
                self._child = started(self._command, self._settings, self._given)


def _how(code: int | None) -> str:
    """How a process ended."""
    if code is None or code >= 0:
        return f"exit code {code}"
    return signal.Signals(-code).name


@contextmanager
def beside(command: str, settings: Settings, names: Sequence[str], **given: Any) -> Iterator[None]:
    """The same while the block runs, with these settings as this process has them, and with what is `given`. Where it
    ends by itself, another one is started. Raises NotStarted.
    """
    child = _Beside(command, settings, {name: getattr(settings, name) for name in names} | given)
    try:
        yield
    finally:
        child.stop()
