"""A command of dompet as a child process of another one."""

import sys
from pathlib import Path
from typing import Any

from dompet.infra.child import Child
from dompet.schemas.errors import DompetError
from dompet.streams.settings import Settings
from dompet.streams.settings.declaring import variable_of


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
