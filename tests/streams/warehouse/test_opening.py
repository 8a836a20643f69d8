"""What keeps a warehouse from being opened is reported in one sentence, without a password."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from dompet.infra.ports import free_port
from dompet.streams.warehouse import WarehouseBusy, WarehouseError, open_warehouse
from tests.support.clickhouse import ClickHouseServer
from tests.support.warehouses import opened, plain

HOLD = (
    "import sys; from dompet.streams.warehouse import open_warehouse\n"
    "warehouse = open_warehouse(sys.argv[1])\n"
    "warehouse.execute('CREATE TABLE t (n Int64) ENGINE = MergeTree ORDER BY n')\n"
    "warehouse.execute('INSERT INTO t VALUES (7)')\n"
    "print('held', flush=True); sys.stdin.read(); warehouse.close()"
)

CRASH = (
    "import os, resource, sys; from dompet.streams.warehouse import open_warehouse\n"
    "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
    "warehouse = open_warehouse(sys.argv[1])\n"
    "assert warehouse.answer('SELECT 1 AS n', 'CSV') == b'1\\n'\n"
    "os.abort()"
)

ASKED_BY_MANY = (
    "import os, resource; from concurrent.futures import ThreadPoolExecutor; import pyarrow as pa\n"
    "from dompet.streams.warehouse.engine import written\n"
    "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
    "with ThreadPoolExecutor(4) as pool:\n"
    "    answers = set(pool.map(lambda n: written(pa.table({'n': [n]}), 'CSV'), [7] * 40))\n"
    "assert answers == {b'7\\n'}\n"
    "os.abort()"
)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the embedded warehouse in `tmp_path`, with a table of one row."""
    command = [sys.executable, "-c", HOLD, f"chdb://{tmp_path}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.server
def test_an_embedded_warehouse_has_one_process_and_a_second_is_reported_which(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    for _ in range(2):
        with pytest.raises(WarehouseBusy) as busy:
            open_warehouse(f"chdb://{tmp_path}", wait_s=0.2)
        assert str(busy.value).startswith(
            f"process {holder.pid} has the embedded warehouse at {tmp_path} open and cannot"
        )
    holder.communicate()
    assert holder.returncode == 0
    reopened = open_warehouse(f"chdb://{tmp_path}")
    try:
        with pytest.raises(WarehouseBusy, match=f"^process {os.getpid()} has"):
            open_warehouse(f"chdb://{tmp_path}", wait_s=0)
        assert plain(reopened.read("SELECT n FROM t")) == [{"n": 7}]
    finally:
        reopened.close()


@pytest.mark.server
def test_a_process_that_was_killed_holds_nothing_and_its_rows_are_kept(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    warehouse = open_warehouse(f"chdb://{tmp_path}")
    try:
        assert plain(warehouse.read("SELECT n FROM t")) == [{"n": 7}]
    finally:
        warehouse.close()


def test_only_the_user_may_read_who_holds_it_and_how_to_ask(tmp_path: Path) -> None:
    warehouse = open_warehouse(f"chdb://{tmp_path}")
    try:
        assert [file.stat().st_mode & 0o077 for file in tmp_path.glob("*.holder")] == [0]
    finally:
        warehouse.close()


@pytest.mark.parametrize(
    "url", ["", "warehouse", "/folder", "postgresql://u:geheim@h/d", "chdb://folder", "chdb:folder", "clickhouse://"]
)
def test_what_is_no_warehouse_is_reported_how_one_is_named(url: str) -> None:
    with pytest.raises(WarehouseError, match="use chdb:///absolute/path or clickhouse://user:password@host") as refused:
        open_warehouse(url)
    assert "geheim" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "folder"
    with pytest.raises(WarehouseError) as refused:
        open_warehouse(f"chdb://{folder}")
    assert str(refused.value) == f"the embedded warehouse at {folder} cannot be opened: Not a directory"


def reported_of(url: str) -> str:
    with pytest.raises(WarehouseError) as refused:
        open_warehouse(url)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_wrong_password_is_reported_without_it(clickhouse_server: str) -> None:
    user_password, _, place = clickhouse_server.partition("@")
    for wrong in ("geheim", "ge%2Fheim%40"):
        refused = reported_of(f"{user_password.rpartition(':')[0]}:{wrong}@{place}")
        assert refused.startswith(f"ClickHouse at {place.partition('/')[0]} answered: ")
        assert "heim" not in refused


def test_an_unknown_database_is_named(clickhouse_server: str) -> None:
    assert "nowhere" in reported_of(clickhouse_server.rpartition("/")[0] + "/nowhere")


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_a_server_that_cannot_be_reached_is_named_without_a_password(host: str) -> None:
    port = free_port()
    refused = reported_of(f"clickhouse://dompet:geheim@{host}:{port}/default")
    assert refused.startswith(f"ClickHouse at {host}:{port} cannot be reached: ")
    assert "geheim" not in refused


@pytest.mark.server
def test_a_server_that_restarts_is_found_again(tmp_path: Path) -> None:
    with ClickHouseServer(tmp_path) as server:
        warehouse = open_warehouse(server.url)
        try:
            warehouse.execute("CREATE TABLE t (n Int64) ENGINE = MergeTree ORDER BY n")
            server.kill()
            with pytest.raises(WarehouseError, match="cannot be reached"):
                warehouse.insert("t", pa.table({"n": [1]}))
            server.start()
            warehouse.insert("t", pa.table({"n": [2]}))
            assert warehouse.answer("SELECT n FROM t", "CSV") == b"2\n"
        finally:
            warehouse.close()


@pytest.mark.server
def test_a_server_in_another_timezone_shows_times_in_utc(tmp_path: Path) -> None:
    with ClickHouseServer(tmp_path, timezone="Asia/Jakarta") as server, opened(server.url) as warehouse:
        row = {
            "partition": [0],
            "offset": [0],
            "recorded_at_us": [1_600_000_000_000_000],
            "occurred_at_us": [1_600_000_000_999_999],
        }
        warehouse.insert("journal_rows", pa.table(row))
        times = "toString(recorded_at), toString(occurred_at), recorded_at = occurred_at"
        answer = warehouse.answer(f"SELECT {times} FROM journal", "CSV")
        assert answer == b'"2020-09-13 12:26:40","2020-09-13 12:26:40",1\n'
        assert b"2020-09-13 12:26:40" in warehouse.answer("SELECT recorded_at FROM journal", "CSV")


def test_a_process_that_crashes_ends_at_once_whatever_the_engine_would_have_it_do_first(warehouse_url: str) -> None:
    ended = subprocess.run([sys.executable, "-c", CRASH, warehouse_url], capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (-signal.SIGABRT, b"")


@pytest.mark.server
def test_the_signals_of_crashes_do_what_they_did_however_many_threads_ask_the_engine() -> None:
    ended = subprocess.run([sys.executable, "-c", ASKED_BY_MANY], capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (-signal.SIGABRT, b"")
