"""A command of dompet as a child process of another one."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from dompet.infra.child import Child
from dompet.schemas.errors import DompetError
from dompet.streams.settings import Settings
from dompet.streams.settings.declaring import variable_of

_STOP_LIMIT_S: Final = 15.0


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


@contextmanager
def beside(command: str, settings: Settings, names: Sequence[str], **given: Any) -> Iterator[None]:
    """The same while the block runs, with these settings as this process has them, and with what is `given`. Raises
    NotStarted.
    """
    child = started(command, settings, {name: getattr(settings, name) for name in names} | given)
    try:
        yield
    finally:
        child.stop(_STOP_LIMIT_S)
