"""What the pages count, say of themselves, and write, as `dompet serve` runs: on either warehouse."""

import http.client
import json
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from dompet.infra.ports import free_port
from dompet.streams.metrics.declaration import Part
from tests.support.command import environment
from tests.support.figures import figures, figures_where
from tests.support.warehouses import opened
from tests.support.web import filled

pytestmark = pytest.mark.server

_LIMIT_S = 120.0
_DOMPET = (sys.executable, "-m", "dompet.streams.cli", "serve")


def asked(port: int, path: str, method: str = "GET") -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_LIMIT_S)) as connection:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def until_ready(port: int, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + _LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if asked(port, "/ready")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("the pages are not ready")


def test_pages_are_ready_counted_by_template_and_log_in_json(warehouse_url: str, tmp_path: Path) -> None:
    filled(warehouse_url, tmp_path)
    with opened(warehouse_url) as warehouse:
        person = warehouse.read("SELECT beneficiary_id FROM wallets LIMIT 1").to_pylist()[0]["beneficiary_id"]
    person = person.decode() if isinstance(person, bytes) else person
    port, metrics = free_port(), free_port()
    variables = {
        "DOMPET_HOME": str(tmp_path), "DOMPET_WAREHOUSE": warehouse_url, "DOMPET_SERVE_PORT": str(port),
        "DOMPET_SERVE_METRICS_PORT": str(metrics), "DOMPET_ENGINE_PORT": "0", "DOMPET_ENGINE_METRICS_PORT": "0",
        "DOMPET_LOG_FORMAT": "json",
    }  # fmt: skip
    said = tmp_path / "stderr"
    with (
        said.open("w") as err,
        subprocess.Popen(
            _DOMPET, stderr=err, env=environment(variables), cwd=Path(__file__).parents[3], text=True
        ) as process,
    ):
        try:
            until_ready(port, process)
            before = figures(metrics).of("dompet_requests_total", route="/ready", code="200")
            assert asked(port, "/health") == (200, b'{"status":"ok","reason":""}')
            assert asked(port, f"/person?person={person}")[0] == 200
            assert asked(port, f"/person?person={person}", "PURGE")[0] == 405
            assert asked(port, f"/nowhere/{person}")[0] == 404
            assert asked(port, "/api/v1/waves")[0] == 200
            found = figures_where(metrics, lambda one: one.of("dompet_requests_total", route="/api/v1/waves") == 1)
            found.assert_declared(Part.SERVE)
            assert before
            assert found.of("dompet_requests_total", route="/person", method="GET", code="200") == 1
            assert found.of("dompet_requests_total", route="none", method="GET", code="404") == 1
            assert found.of("dompet_requests_total", route="none", method="other", code="405") == 1
            assert found.of("dompet_request_seconds_count", route="/person") == 1
            labels = {
                label for one in found.families.values() for sample in one.samples for label in sample.labels.values()
            }
            assert not any(person in label for label in labels)
            process.terminate()
            assert process.wait(_LIMIT_S) in (0, -15, 143)
        finally:
            process.kill()
    lines = [json.loads(line) for line in said.read_text().splitlines()]
    assert {one["process"] for one in lines} == {"serve"}
    assert all({"time", "level", "logger", "process", "message"} <= one.keys() for one in lines)
    assert person not in said.read_text()


def test_pages_without_their_warehouse_are_well_and_not_ready(tmp_path: Path) -> None:
    port = free_port()
    variables = {
        "DOMPET_HOME": str(tmp_path), "DOMPET_WAREHOUSE": "clickhouse://default@127.0.0.1:1/nowhere",
        "DOMPET_SERVE_PORT": str(port), "DOMPET_SERVE_METRICS_PORT": "0", "DOMPET_LOG_FORMAT": "json",
    }  # fmt: skip
    with (
        (tmp_path / "stderr").open("w") as err,
        subprocess.Popen(
            _DOMPET, stderr=err, env=environment(variables), cwd=Path(__file__).parents[3], text=True
        ) as process,
    ):
        try:
            deadline = time.monotonic() + _LIMIT_S
            while time.monotonic() < deadline:
                try:
                    assert asked(port, "/health")[0] == 200
                    break
                except OSError:
                    time.sleep(0.05)
            status, body = asked(port, "/ready")
            found = json.loads(body)
            assert (status, found["status"]) == (503, "unready")
            assert "127.0.0.1:1" in found["reason"]
        finally:
            process.kill()
    for line in (tmp_path / "stderr").read_text().splitlines():
        json.loads(line)
