"""What a process does before all else: its files are its owner's, freed memory is retained, pandas is left out."""

import ctypes
import os
import sys
from typing import Final

_TRIM_THRESHOLD: Final = -1
_TOP_PAD: Final = -2
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
"""mallopt's parameters, from glibc's malloc.h."""

_OTHERS: Final = 0o077
_KEPT: Final = {
    _MMAP_THRESHOLD: 32 << 20,  # the most that glibc allows
    _TRIM_THRESHOLD: 2047 << 20,
    _TOP_PAD: 64 << 20,
    _ARENA_MAX: 1,
}
_RETURNED: Final = {_MMAP_THRESHOLD: 256 << 10, _TRIM_THRESHOLD: 8 << 20, _TOP_PAD: 1 << 20}


def prepare_process() -> None:
    """To be called before Arrow is loaded, and before other threads exist."""
    os.umask(_OTHERS)  # what it and its children write is for their owner alone
    _keep_freed_memory()
    _leave_out_pandas()
    # Else pydantic looks through every installed distribution for plugins: as long as it takes to load itself.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _keep_freed_memory() -> None:
    """Have the C library keep what is freed, in one arena for all threads, rather than return it to the system.

    Each batch's columns are tens of megabytes that live for a moment. Got from the system again every time, each page
    is cleared and mapped first: that took a third of the fold's time. A process is as large as at its peak either way.
    Threads that exist already would have arenas of their own. Does nothing where the C library is not glibc.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # its own pool would give back what it freed
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, value in _KEPT.items():
            mallopt(parameter, value)


def return_freed_memory() -> None:
    """Have the C library give large blocks back as soon as they are freed.

    For a process that now and then reads a large answer and then holds little: it stays as small as what it holds.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, value in _RETURNED.items():
            mallopt(parameter, value)


class _WithoutPandas:
    """A finder of modules that has none by that name."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("pandas is left out of dompet's own processes", name=name)


_WITHOUT_PANDAS: Final = _WithoutPandas()


def _leave_out_pandas() -> None:
    """Have pandas not found.

    Arrow loads it where it is installed (chDB brings it along) when the first Python value becomes a column, only to
    see whether it is of pandas: a quarter of a second and 50 MB in every process.
    """
    if _WITHOUT_PANDAS not in sys.meta_path:
        sys.meta_path.insert(0, _WITHOUT_PANDAS)
