"""`dompet engine --in-front-of`: what it says, what it refuses, and whom it does not concern."""

import resource
import subprocess
from pathlib import Path

import pytest

from dompet.infra.ports import free_port
from tests.support.clickhouse import ClickHouseServer
from tests.support.command import DOMPET, dompet, environment
from tests.support.engines import Endpoint, EngineProcess

pytestmark = pytest.mark.server
_LIMIT_S = 60


def test_it_says_where_guests_ask_and_shows_no_password(own_server: ClickHouseServer, tmp_path: Path) -> None:
    port = free_port()
    command = [*DOMPET, "engine", "--in-front-of", own_server.url, "--engine-port", str(port)]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment({"DOMPET_ENGINE_METRICS_PORT": "0"})
    ) as process:
        try:
            assert process.stderr
            said = [process.stderr.readline(), process.stderr.readline()]
            assert "the engine is in front of clickhouse://***@127.0.0.1:" in said[0], said
            assert f"guests ask at http://127.0.0.1:{port}, read-only" in said[1]
            assert Endpoint(port, process).told("SELECT sum(n) FROM scratch") == "3\n"
            process.terminate()
            assert process.wait(_LIMIT_S) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()
    assert list(tmp_path.iterdir()) == []


def test_it_has_room_for_every_connection(own_server: ClickHouseServer, tmp_path: Path) -> None:
    port = free_port()
    command = [*DOMPET, "engine", "--in-front-of", own_server.url, "--engine-port", str(port)]
    few = ["sh", "-c", 'ulimit -Sn 512; exec "$@"', "sh", *command]  # as many systems begin
    with subprocess.Popen(
        few, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment({"DOMPET_ENGINE_METRICS_PORT": "0"})
    ) as process:
        try:
            assert process.stderr
            assert "in front of" in process.stderr.readline()
            room, most = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
            assert room >= min(4 * 256, most)
        finally:
            process.terminate()
            assert process.wait(_LIMIT_S) == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("chdb:///tmp/warehouse", "--in-front-of is 'chdb:///tmp/warehouse': it must be clickhouse://"),
        ("http://127.0.0.1:8123", "--in-front-of is 'http://127.0.0.1:8123': it must be clickhouse://"),
        ("clickhouse://nobody:secret@127.0.0.1:1/default", "ClickHouse at 127.0.0.1:1 cannot be reached"),
    ],
)
def test_a_server_that_is_none_or_away_is_refused(tmp_path: Path, url: str, said: str) -> None:
    ran = dompet("engine", "--in-front-of", url, "--engine-port", str(free_port()), cwd=tmp_path)
    assert (ran.code, said in ran.err, "secret" in ran.err) == (2, True, False), ran.err
    assert ran.err.count("\n") == 1


def test_a_password_that_is_wrong_is_said_so(own_server: ClickHouseServer, tmp_path: Path) -> None:
    place = own_server.url.rpartition("@")[2]
    url = f"clickhouse://dompet:wrong-one@{place}"
    ran = dompet("engine", "--in-front-of", url, "--engine-port", str(free_port()), cwd=tmp_path)
    assert (ran.code, "wrong-one" in ran.err) == (2, False)
    assert "password" in ran.complaint.lower()


def test_in_front_of_a_server_there_must_be_a_port_for_guests(own_server: ClickHouseServer, tmp_path: Path) -> None:
    ran = dompet("engine", "--in-front-of", own_server.url, "--engine-port", "0", cwd=tmp_path)
    assert (ran.code, "--engine-port" in ran.complaint) == (2, True)


def test_a_port_that_is_taken_is_said_so(
    own_server: ClickHouseServer, shared_engine: EngineProcess, tmp_path: Path
) -> None:
    ran = dompet("engine", "--in-front-of", own_server.url, "--engine-port", str(shared_engine.port), cwd=tmp_path)
    assert (ran.code, f"127.0.0.1:{shared_engine.port}" in ran.complaint) == (2, True)


def test_the_setting_is_not_for_the_engine_of_an_embedded_warehouse(
    own_server: ClickHouseServer, tmp_path: Path
) -> None:
    """The pages' own engine opens the folder, whatever the variable says that is for `dompet engine`."""
    variables = {
        "DOMPET_IN_FRONT_OF": own_server.url,
        "DOMPET_HOME": str(tmp_path / "home"),
        **{f"DOMPET_{name}_PORT": "0" for name in ("ENGINE", "ENGINE_METRICS", "SERVE_METRICS")},
        "DOMPET_SERVE_PORT": str(port := free_port()),
    }
    assert dompet("migrate", cwd=tmp_path, variables=variables).code == 0
    with subprocess.Popen(
        [*DOMPET, "serve"], stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment(variables)
    ) as process:
        try:
            assert process.stderr
            said = ""
            while f":{port}" not in said and process.poll() is None:
                said += process.stderr.readline()
            assert process.poll() is None, said
            [holder] = (tmp_path / "home").rglob("dompet.holder")
            assert holder.exists()
            process.terminate()
            assert process.wait(_LIMIT_S) in (0, 143)
        finally:
            process.kill()
    assert "in front of" not in (tmp_path / "home" / "engine.log").read_text()
