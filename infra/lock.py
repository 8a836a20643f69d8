"""One owner for a folder, as long as the owner or a child that inherits the lock lives."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_POLL_S = 0.05


class FolderInUseError(Exception):
    """Another process holds the lock."""

    def __init__(self, owner_pid: int) -> None:
        super().__init__(f"in use by process {owner_pid}")
        self.owner_pid = owner_pid


class FolderLock:
    """A lock file that names its owner's pid, held by flock(2): the kernel lets go of it with its last holder.

    As a context manager it is taken for the length of the block, and for as long as a child started in the block with
    `pass_fds=[lock.fd]` runs. Where the owner has ended and its child is still ending, taking it waits up to `wait_s`
    seconds. Raises FolderInUseError.
    """

    def __init__(self, path: Path, wait_s: float = 15.0) -> None:
        self._path = path
        self._wait_s = wait_s
        self.fd = -1

    def __enter__(self) -> Self:
        deadline = time.monotonic() + self._wait_s
        self.fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            while not self._taken():
                owner = int(os.pread(self.fd, 20, 0) or 0)
                if _lives(owner) or time.monotonic() > deadline:
                    raise FolderInUseError(owner)
                time.sleep(_POLL_S)
            os.ftruncate(self.fd, 0)
            os.pwrite(self.fd, str(os.getpid()).encode(), 0)
        except BaseException:
            os.close(self.fd)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        os.close(self.fd)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _lives(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
