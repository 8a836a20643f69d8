"""An engine's figures, health and log: each query is counted once, by who asked and how it ended."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dompet.infra.ports import free_port
from dompet.streams.metrics.declaration import Part
from tests.support.command import environment
from tests.support.engines import EngineProcess
from tests.support.figures import Figures, figures, figures_where

pytestmark = pytest.mark.server

_LIMIT_S = 60.0
_ROOT = Path(__file__).parents[3]
_DOMPET = (sys.executable, "-m", "dompet.streams.cli", "engine")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EngineProcess, int, Path]]:
    """`dompet engine` in JSON, with one query at a time and none that waits; where its figures and its stderr are."""
    folder = tmp_path_factory.mktemp("engine")
    port, metrics = free_port(), free_port()
    variables = {
        "DOMPET_HOME": str(folder), "DOMPET_ENGINE_PORT": str(port), "DOMPET_ENGINE_METRICS_PORT": str(metrics),
        "DOMPET_ENGINE_QUERIES": "1", "DOMPET_ENGINE_WAITING": "0", "DOMPET_LOG_FORMAT": "json",
        "DOMPET_ENGINE_SENT_MB": "1",
    }  # fmt: skip
    said = folder / "stderr"
    with (
        said.open("w") as err,
        subprocess.Popen(
            _DOMPET,
            stderr=err,
            stdout=subprocess.DEVNULL,
            env=environment(variables),
            cwd=Path(__file__).parents[3],
            text=True,
        ) as process,
    ):
        try:
            figures_where(metrics, lambda _: True)
            deadline = time.monotonic() + _LIMIT_S
            while '"process": "engine"' not in said.read_text() or "guests ask at" not in said.read_text():
                assert time.monotonic() < deadline, said.read_text()
                time.sleep(0.05)
            yield EngineProcess(port, process, folder / "warehouse"), metrics, said
            process.terminate()
            assert process.wait(_LIMIT_S) == 0
            lines = [json.loads(line) for line in said.read_text().splitlines()]
            assert {one["process"] for one in lines} == {"engine"}
            assert all({"time", "level", "logger", "process", "message"} <= one.keys() for one in lines)
        finally:
            process.kill()


def counted(found: Figures, kind: str) -> dict[str, float | None]:
    outcomes = ("answered", "failed", "refused", "busy", "cancelled")
    return {one: found.of("dompet_engine_queries_total", kind=kind, outcome=one) for one in outcomes}


IDLE = {"running": 0, "waiting": 0}
"""How many queries of guests run, and wait."""


def test_an_engine_is_well_and_ready(running: tuple[EngineProcess, int, Path]) -> None:
    engine, _, _ = running
    for path in ("/health", "/ready"):
        answer = engine.ask(path=path, method="GET")
        assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok", "reason": "", **IDLE})


def test_no_health_is_shown_to_another_sites_name(running: tuple[EngineProcess, int, Path]) -> None:
    engine, _, _ = running
    assert engine.ask(path="/ready", method="GET", headers={"Host": "evil.example"}).status == 403


def test_each_query_is_counted_once_by_how_it_ended(running: tuple[EngineProcess, int, Path]) -> None:
    engine, port, _ = running
    before = figures(port)
    before.assert_declared(Part.ENGINE)
    assert engine.told("SELECT 1") == "1\n"
    assert engine.ask("DROP TABLE x").status == 403
    assert engine.ask("SELECT throwIf(1)").status == 500
    assert engine.ask("SELECT number FROM numbers(1000000)").status in (200, 413)  # longer than what is sent
    assert engine.own("SELECT 1", default_format="TSV").text == "1\n"
    now = figures_where(port, lambda one: one.sum("dompet_engine_queries_total") >= 5)
    assert counted(now, "guest") == {"answered": 1, "failed": 2, "refused": 1, "busy": 0, "cancelled": 0}
    assert counted(now, "own") == {"answered": 1, "failed": 0, "refused": 0, "busy": 0, "cancelled": 0}
    assert now.of("dompet_engine_query_seconds_count", kind="guest") == 4
    assert now.of("dompet_engine_sent_bytes_total", kind="own") == 2
    assert (now.of("dompet_engine_sent_bytes_total", kind="guest") or 0) > 1_000_000
    assert (now.of("dompet_engine_running_queries"), now.of("dompet_engine_queued_queries")) == (0, 0)


def test_a_query_that_has_no_turn_is_busy_and_one_whose_client_leaves_is_cancelled(
    running: tuple[EngineProcess, int, Path],
) -> None:
    engine, port, _ = running
    before = counted(figures(port), "guest")
    leaving = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=_LIMIT_S)
    leaving.request("POST", "/", b"SELECT count() FROM numbers(1000000000000)")
    figures_where(port, lambda one: one.of("dompet_engine_running_queries") == 1)
    assert engine.ask("SELECT 1").status == 429
    leaving.close()
    now = figures_where(port, lambda one: one.of("dompet_engine_running_queries") == 0)
    now = figures_where(port, lambda one: counted(one, "guest")["cancelled"] == 1)
    assert counted(now, "guest") == {**before, "busy": 1, "cancelled": 1}
