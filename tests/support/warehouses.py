"""Both real warehouses, each empty and the test's own: the embedded one in a folder, the server's in a database."""

import atexit
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
from clickhouse_driver import Client

from dompet.streams.warehouse import Warehouse, open_warehouse
from dompet.streams.warehouse.migrate import migrate
from dompet.streams.warehouse.texts import with_bytes

KINDS = ("embedded", "server")
_MIGRATED: Final = """
import sys
from contextlib import closing
from dompet.streams.warehouse import open_warehouse
from dompet.streams.warehouse.migrate import migrate
with closing(open_warehouse(sys.argv[1])) as warehouse:
    migrate(warehouse)
"""


@contextmanager
def empty_warehouse(kind: str, server_url: str) -> Iterator[str]:
    """The URL of an empty warehouse, which is gone afterwards."""
    if kind == "embedded":
        with tempfile.TemporaryDirectory(prefix="dompet-warehouse-") as folder:
            yield f"chdb://{folder}/warehouse"
        return
    database = f"test_{uuid.uuid4().hex}"
    with Client.from_url(server_url) as client:
        client.execute(f"CREATE DATABASE {database}")
        yield server_url.rpartition("/")[0] + f"/{database}"
        client.execute(f"DROP DATABASE {database}")


def prepare(url: str) -> None:
    """Where there is no embedded warehouse yet, put a copy of one that has its tables and views: to migrate it takes
    fifty times as long. A server's is left as it is.
    """
    folder = Path(urlsplit(url).path)
    if url.startswith("chdb") and not folder.exists():
        shutil.copytree(_template(), folder, symlinks=True)


@cache
def _template() -> Path:
    """A warehouse that a process of its own has migrated, for this one may have another warehouse open."""
    folder = Path(tempfile.mkdtemp(prefix="dompet-template-"))
    atexit.register(shutil.rmtree, folder)
    subprocess.run([sys.executable, "-c", _MIGRATED, f"chdb://{folder}/warehouse"], check=True)
    return folder / "warehouse"


@contextmanager
def opened(url: str) -> Iterator[Warehouse]:
    """The warehouse at the URL, with its tables and views. One embedded folder at a time is open in a process."""
    prepare(url)
    warehouse = open_warehouse(url)
    try:
        migrate(warehouse)
        yield warehouse
    finally:
        warehouse.close()


@contextmanager
def engine_of(url: str) -> Iterator[None]:
    """An embedded warehouse's engine runs on while the block does, so that each opening within it is quick. No other
    embedded warehouse can be opened meanwhile.
    """
    if not url.startswith("chdb"):
        yield
        return
    from dompet.streams.warehouse.engine import connect

    with closing(connect(Path(urlsplit(url).path))):
        yield


@pytest.fixture(params=KINDS)
def warehouse_kind(request: pytest.FixtureRequest) -> str:
    """Which of the two."""
    return str(request.param)


@pytest.fixture
def server_database(clickhouse_server: str) -> Iterator[str]:
    """The URL of an empty database of the server."""
    with empty_warehouse("server", clickhouse_server) as url:
        yield url


@pytest.fixture
def warehouse_url(warehouse_kind: str, clickhouse_server: str) -> Iterator[str]:
    """The URL of an empty warehouse of each kind in turn."""
    with empty_warehouse(warehouse_kind, clickhouse_server) as url:
        yield url


@pytest.fixture
def warehouse(warehouse_url: str) -> Iterator[Warehouse]:
    """A warehouse of each kind in turn, with its tables and views."""
    with opened(warehouse_url) as warehouse:
        yield warehouse


@pytest.fixture(scope="module", params=KINDS)
def shared_warehouse(request: pytest.FixtureRequest, clickhouse_server: str) -> Iterator[Warehouse]:
    """A warehouse of each kind in turn, with its tables and views, for all tests of a module."""
    with empty_warehouse(request.param, clickhouse_server) as url, opened(url) as warehouse:
        yield warehouse


def plain(table: pa.Table) -> list[dict[str, Any]]:
    """Rows with texts as bytes, whichever way the warehouse gave them."""
    rows: list[dict[str, Any]] = with_bytes(table).to_pylist()
    return rows


def rows_of(warehouse: Warehouse, sql: str) -> list[dict[str, Any]]:
    """A query's rows, texts as str."""
    rows = plain(warehouse.read(sql))
    return [{name: _text(value) for name, value in row.items()} for row in rows]


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value
