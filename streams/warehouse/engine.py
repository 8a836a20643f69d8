"""ClickHouse's engine in this process (chDB), without the signal handlers that it brings, and without the settings of
other programs.

Those for crashes gather a report, and wait five minutes before they let the process end (chDB 4.4). A worker that
crashed would keep its partitions for as long: its Kafka client's threads go on sending heartbeats to the group.

When it is loaded, and at the first connection, chDB reads the `config.xml` of the working directory, else that of
clickhouse-local in the user's home or in /etc. In /etc/clickhouse-server that is a server's: the rows would go to the
server's paths.
"""

import ctypes
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pyarrow as pa

from dompet.streams.warehouse.formats import may_be_format

_TAKEN: Final = (
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGFPE,
    signal.SIGILL,
    signal.SIGSEGV,
    signal.SIGSYS,
    signal.SIGTRAP,
    signal.SIGTSTP,
)
"""The signals that it takes when it is loaded, and whenever the first connection is made."""
_ACTION_BYTES: Final = 256
"""More than C's `struct sigaction` has anywhere."""


class _HandlersRestored:
    """Within it, and whichever threads are, chDB may take the signals; once none is, they do what they did before."""

    def __init__(self) -> None:
        # Python's own `signal` would work in the main thread only.
        self._sigaction = ctypes.CDLL(None).sigaction
        self._before = {number: ctypes.create_string_buffer(_ACTION_BYTES) for number in _TAKEN}
        self._inside = 0
        self._turn = threading.Lock()

    def __enter__(self) -> None:
        with self._turn:
            self._inside += 1
            if self._inside == 1:
                for number, action in self._before.items():
                    self._sigaction(int(number), None, action)

    def __exit__(self, *_: object) -> None:
        with self._turn:
            self._inside -= 1
            if self._inside == 0:
                for number, action in self._before.items():
                    self._sigaction(int(number), action, None)


_handlers_restored: Final = _HandlersRestored()

_WITH_CONFIG: Final = Path(__file__).parent / "chdb"
"""A folder whose `config.xml` sets nothing."""
_OPTIONS: Final = {"config-file": "/dev/null/config.xml"}
"""A path where no file can be. That of a real one may have characters that chDB's addresses cannot have."""


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """Within it `folder` is the process's working directory, for all threads. chDB changes it itself while it is
    loaded, so nothing that takes a relative path may run beside that.
    """
    before = os.open(".", getattr(os, "O_PATH", os.O_RDONLY))  # its path may be unreadable
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(before)
        os.close(before)


with _handlers_restored, _working_in(_WITH_CONFIG):
    import chdb

VERSION: Final = f"ClickHouse {chdb.engine_version} embedded (chDB {chdb.__version__})"


def connect(folder: Path, options: str = f"?{urlencode(_OPTIONS, safe='/')}") -> Any:
    """A connection to the data in a folder; RuntimeError where it cannot be opened. `options`: ClickHouse's, in the
    form of an address's end; they name a configuration, or chDB looks for one.
    """
    with _handlers_restored:
        return chdb.connect(f"{folder}{options}")


def written(rows: pa.Table, form: str) -> bytes:
    """A table in one of ClickHouse's formats; RuntimeError where there is no such one."""
    with _handlers_restored:  # the engine finds the table by its name in this frame; one thread keeps the rows' order
        return bytes(chdb.query(_in_form("SELECT * FROM Python(rows)", form), options=_OPTIONS).bytes())


def rendered(sql: str, form: str, zone: str) -> bytes:
    """A query of an engine without data, in one of ClickHouse's formats, with the times of a zone; RuntimeError where
    it refuses.
    """
    with _handlers_restored:
        return bytes(chdb.query(_in_form(sql, form, session_timezone=zone), options=_OPTIONS).bytes())


def _in_form(sql: str, form: str, **settings: str) -> str:
    """The format's name goes into the query: chDB takes some, as DataFrame, for wishes of a Python program."""
    if not may_be_format(form):
        raise RuntimeError(f"Unknown format {form}")
    given = "".join(f", {name} = '{value}'" for name, value in settings.items())
    return f"{sql} SETTINGS max_threads = 1{given} FORMAT {form}"
