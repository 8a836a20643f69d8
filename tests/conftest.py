"""Fixtures for every folder of tests."""

import gc
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Final

from hypothesis import settings

pytest_plugins = [
    "tests.support.kafka",
    "tests.support.secure",
    "tests.support.clickhouse",
    "tests.support.warehouses",
    "tests.support.engines",
    "tests.support.pipelines",
    "tests.support.without_servers",
]

settings.register_profile("dompet", deadline=None)  # a busy machine is no fault; no test looks at a clock
settings.load_profile("dompet")

_IN_MEMORY: Final = Path("/dev/shm")
_NEEDED_BYTES: Final = 4 << 30


def pytest_configure() -> None:
    """Put the servers' files into memory, where the system has room there and nobody said where: each start and each
    insert waits for the disk many times otherwise. What is started can be interrupted, though the shell ignores that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if "TMPDIR" not in os.environ and _has_room(_IN_MEMORY):
        os.environ["TMPDIR"] = str(_IN_MEMORY)
        tempfile.tempdir = None


def pytest_collection_finish() -> None:
    """Spare each garbage collection the look at what was loaded for all tests, which stays to the end."""
    gc.collect()
    gc.freeze()


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= _NEEDED_BYTES
