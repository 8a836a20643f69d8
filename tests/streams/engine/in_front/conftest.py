"""A ClickHouse server of its own for these tests, and the endpoint before it."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from tests.support.clickhouse import ClickHouseServer
from tests.support.client_questions import put_rows
from tests.support.engines import Endpoint, in_front_of
from tests.support.warehouses import opened


@pytest.fixture(scope="session")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseServer]:
    """A server whose database `default` has the tables and views, the rows of the clients' questions, and a table
    `scratch` of two numbers.
    """
    with ClickHouseServer(tmp_path_factory.mktemp("server")) as server:
        with opened(server.url) as warehouse:
            put_rows(warehouse)
            warehouse.execute("CREATE TABLE scratch (n Int64) ENGINE = MergeTree ORDER BY n")
            warehouse.insert("scratch", pa.table({"n": pa.array([1, 2], pa.int64())}))
        yield server


@pytest.fixture(scope="session")
def endpoint(own_server: ClickHouseServer) -> Iterator[Endpoint]:
    """The endpoint before that server."""
    with in_front_of(own_server.url) as running:
        yield running
