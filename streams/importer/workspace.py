"""The folder in which an import keeps what a later run goes on with; one run at a time has it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dompet.schemas.errors import DompetError


@contextmanager
def workspace(folder: Path) -> Iterator[Path]:
    """The folder, made where it is not there. DompetError where another run has it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DompetError(f"another run of this import goes on (it holds {folder})") from None
        yield folder
    finally:
        os.close(descriptor)


def forget(folder: Path) -> None:
    """Nothing is left to go on with."""
    shutil.rmtree(folder)
