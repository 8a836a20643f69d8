"""A command whose answer takes long says what it waits for, and Ctrl-C ends its query."""

import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from clickhouse_driver import Client

from tests.support.command import DOMPET, dompet, environment
from tests.support.engines import EngineProcess, engine
from tests.support.warehouses import empty_warehouse, opened

pytestmark = pytest.mark.server
ENDLESS = "SELECT sum(sin(number)) FROM numbers(1000000000000)"
_LIMIT_S = 60


@pytest.fixture(scope="module")
def busy() -> Iterator[EngineProcess]:
    """An engine that answers one guest at a time, five seconds each at most."""
    with tempfile.TemporaryDirectory(prefix="dompet-engine-") as folder:
        with opened(f"chdb://{folder}/warehouse"):
            pass
        with engine(Path(folder) / "warehouse", at_once=1, at_once_a_user=1, seconds=5) as running:
            yield running


def test_who_waits_for_a_busy_engine_reads_what_it_does(busy: EngineProcess, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(busy.ask, ENDLESS, user="another")
        ran = dompet("query", ENDLESS, "--warehouse", f"chdb://{busy.folder}", cwd=tmp_path)
        assert other.result().status == 408
    first, second = ran.err.splitlines()
    said = rf"• waiting for the engine \(process {busy.process.pid}\): 1 guest query at work, [01] in line; Ctrl-C ends"
    assert re.match(said, first), ran.err
    assert "Timeout exceeded" in second
    assert ran.code == 2


def test_an_answer_that_comes_soon_is_no_matter_of_waiting(busy: EngineProcess, tmp_path: Path) -> None:
    ran = dompet("query", "SELECT 1 FORMAT TSV", "--warehouse", f"chdb://{busy.folder}", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")


def test_a_wait_for_a_server_is_reported_and_ctrl_c_ends_the_query(clickhouse_server: str, tmp_path: Path) -> None:
    with empty_warehouse("server", clickhouse_server) as url, Client.from_url(url) as client:
        sql = "SELECT sum(sin(number)) FROM system.numbers WHERE 'mine' != ''"
        command = [*DOMPET, "query", sql, "--warehouse", url]
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment()
        ) as process:
            try:
                assert process.stderr
                line = process.stderr.readline()
                assert line.startswith("• waiting for clickhouse://***@127.0.0.1:"), line
                process.send_signal(signal.SIGINT)
                assert process.wait(_LIMIT_S) == 130
            finally:
                process.kill()
        deadline = time.monotonic() + _LIMIT_S
        while client.execute("SELECT count() FROM system.processes WHERE query LIKE '%mine%'") != [(1,)]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
