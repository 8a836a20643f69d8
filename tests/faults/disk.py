"""A small disk for the warehouse: a tmpfs that can be filled and emptied, seen by this process and its children alone.

Only root may mount; without it there is no disk to fill, and inserts are refused instead.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_CLONE_NEWNS: Final = 0x0002_0000
_MS_REC_PRIVATE: Final = 0x4000 | 0x4_0000
_LEFT_BYTES: Final = 65_536
_LOOKS: Final = 20


class SmallDisk:
    """A tmpfs at `folder`."""

    def __init__(self, folder: Path, size_bytes: int) -> None:
        self._folder = folder
        self._size_bytes = size_bytes

    def fill(self) -> None:
        """Leave next to no room. Shrinking it takes no memory, where a large file would."""
        for left in range(_LOOKS, 0, -1):
            found = os.statvfs(self._folder)
            used = (found.f_blocks - found.f_bfree) * found.f_frsize
            try:
                return self._resize(used + _LEFT_BYTES)
            except subprocess.CalledProcessError:  # more than that was written since the look
                if left == 1:
                    raise

    def empty(self) -> None:
        """Give all the room back."""
        self._resize(self._size_bytes)

    def _resize(self, size_bytes: int) -> None:
        _run("mount", "-o", f"remount,size={size_bytes}", str(self._folder))


@contextmanager
def small_disk(folder: Path, size_bytes: int) -> Iterator[SmallDisk | None]:
    """A disk mounted at the folder; None where it may not be. Whatever ends this process, the mount ends with it.

    Call it before any thread is started: threads that run already would go on in the old namespace.
    """
    if not _own_mounts():
        yield None
        return
    _run("mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "dompet-faults", str(folder))
    try:
        yield SmallDisk(folder, size_bytes)
    finally:
        _run("umount", "--lazy", str(folder))


def _own_mounts() -> bool:
    """Leave the mounts of everybody else, so that none made from now on is seen elsewhere or outlives this process."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(_CLONE_NEWNS) != 0:
        return False
    return bool(libc.mount(b"none", b"/", None, ctypes.c_ulong(_MS_REC_PRIVATE), None) == 0)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
