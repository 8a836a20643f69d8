"""The tests' own ClickHouse server: real, restartable, never left behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_driver import Client
from clickhouse_driver.errors import ServerException

from tests.support.clickhouse import ClickHouseServer
from tests.support.processes import ends_within, kill_the_parent

pytestmark = pytest.mark.server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ClickHouseServer]:
    with ClickHouseServer(tmp_path, timezone="Asia/Jakarta") as server:
        yield server


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    with Client.from_url(url) as client:
        rows: list[tuple[object, ...]] = client.execute(query)
    return rows


def test_the_shared_server_answers_natively_in_utc(clickhouse_server: str) -> None:
    assert ask(clickhouse_server, "SELECT toString(toDateTime(86400))") == [("1970-01-02 00:00:00",)]


def test_a_server_may_live_in_another_timezone(server: ClickHouseServer) -> None:
    assert ask(server.url, "SELECT toString(toDateTime(86400))") == [("1970-01-02 07:00:00",)]


def test_a_wrong_password_is_refused(clickhouse_server: str) -> None:
    host = clickhouse_server.split("@")[1]
    with pytest.raises(ServerException):
        ask(f"clickhouse://dompet:wrong@{host}", "SELECT 1")


def test_rows_outlive_a_restart_and_a_kill_at_the_same_url(server: ClickHouseServer) -> None:
    ask(server.url, "CREATE TABLE numbers (n Int64) ENGINE = MergeTree ORDER BY n")
    ask(server.url, "INSERT INTO numbers SELECT number FROM system.numbers LIMIT 1000")
    server.restart()
    assert ask(server.url, "SELECT count() FROM numbers") == [(1000,)]
    server.kill()
    assert server.pid is None
    server.start()
    assert ask(server.url, "SELECT count() FROM numbers") == [(1000,)]


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.support.clickhouse import ClickHouseServer\n"
        "server = ClickHouseServer(Path(sys.argv[1])); server.start(); print(server.pid, flush=True); sys.stdin.read()"
    )
    assert ends_within(10.0, kill_the_parent(program, tmp_path))
