"""`--without-servers`: only the tests that start no process, which is what `make check` runs.

What starts one is left out by its mark, `server`, or by a fixture that starts one. A test that starts a process all the
same fails there.
"""

import multiprocessing.util
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

SERVERS: Final = frozenset({"kafka_broker", "closed_broker", "clickhouse_server", "shared_engine"})
"""The fixtures that start a process: a test with one of them needs no mark."""

_STARTS: Final = frozenset({"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system"})
"""Python's audit events of a start."""

_spawn: Final = multiprocessing.util.spawnv_passfds

_MARKED_MODULE: Final = re.compile(r"^pytestmark = .*\bpytest\.mark\.server\b", re.MULTILINE)


class ProcessStarted(OSError):
    """A test started a process where none may be started."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--without-servers`."""
    parser.addoption("--without-servers", action="store_true", help="only the tests that start no process")


def pytest_configure(config: pytest.Config) -> None:
    """Watch for processes that tests start."""
    if config.getoption("--without-servers"):
        config.pluginmanager.register(_Watch(), "watch for processes")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import a module that is marked as a whole: to load what it imports takes long."""
    if config.getoption("--without-servers") and collection_path.name.startswith("test_"):
        return _MARKED_MODULE.search(collection_path.read_text()) is not None or None
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that need a process, where only the others were asked for."""
    if not config.getoption("--without-servers"):
        return
    left_out = [item for item in items if _needs_a_process(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not _needs_a_process(item)]


def _needs_a_process(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("server") is not None or not SERVERS.isdisjoint(fixtures)


class _Watch:
    """Refuses each start of a process while a test or one of its fixtures runs, and fails the test, whatever it makes
    of the refusal.
    """

    def __init__(self) -> None:
        self._started: list[str] | None = None
        sys.addaudithook(self._audit)
        # What `multiprocessing` starts by itself is not audited.
        multiprocessing.util.spawnv_passfds = self._audit_spawn

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        self._started = []
        try:
            ended = yield
            if self._started:
                pytest.fail(self._started[0], pytrace=False)
        finally:
            self._started = None
        return ended

    pytest_runtest_setup = pytest_runtest_teardown = pytest_runtest_call

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _STARTS and self._started is not None:
            self._started.append(f"this test starts a process, mark it `server`: {event} {arguments[:2]}")
            raise ProcessStarted(self._started[-1])

    def _audit_spawn(self, path: bytes, args: Sequence[Any], passfds: Sequence[int]) -> int:
        self._audit("os.posix_spawn", (path, args))
        return _spawn(path, args, passfds)
