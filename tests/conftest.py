"""Fixtures for every folder of tests."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

pytest_plugins = [
    "tests.support.kafka",
    "tests.support.secure",
    "tests.support.clickhouse",
    "tests.support.warehouses",
    "tests.support.engines",
    "tests.support.pipelines",
]

settings.register_profile("dompet", deadline=None)  # a busy machine is no fault; no test looks at a clock
settings.load_profile("dompet")

SERVERS: Final = frozenset({"kafka_broker", "closed_broker", "clickhouse_server", "shared_engine"})
"""The fixtures that start a server. Tests that start one of their own are marked `server`."""

_IN_MEMORY: Final = Path("/dev/shm")
_NEEDED_BYTES: Final = 4 << 30


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--without-servers`."""
    parser.addoption("--without-servers", action="store_true", help="only the tests that start no server")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that need a server, where only the others were asked for."""
    if not config.getoption("--without-servers"):
        return
    left_out = [item for item in items if _needs_a_server(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not _needs_a_server(item)]


def _needs_a_server(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("server") is not None or not SERVERS.isdisjoint(fixtures)


def pytest_configure() -> None:
    """Put the servers' files into memory, where the system has room there and nobody said where: each start and each
    insert waits for the disk many times otherwise.
    """
    if "TMPDIR" not in os.environ and _has_room(_IN_MEMORY):
        os.environ["TMPDIR"] = str(_IN_MEMORY)
        tempfile.tempdir = None


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= _NEEDED_BYTES
