"""A worker on the embedded warehouse has an engine: it starts one, shares it, outlasts its end, and ends it."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.commands.local_engine import LocalEngine
from dompet.streams.settings import Settings, read_settings
from dompet.streams.warehouse import Warehouse, open_warehouse
from dompet.streams.warehouse.engine_http import engine_answers
from dompet.streams.warehouse.holder import holder_of
from dompet.streams.warehouse.remote import EngineWarehouse
from tests.support.command import dompet
from tests.support.crowd import crowd
from tests.support.logs import as_record, made_log, write
from tests.support.pipelines import SettingsMaker
from tests.support.stored import shown
from tests.support.warehouses import empty_warehouse
from tests.support.workers import WorkerProcess, until, variables, worker

pytestmark = pytest.mark.server

EVENTS = [as_record(event) for event in crowd(3, 60)]
_LIMIT_S = 120.0


@pytest.fixture
def settings(kafka: str, kafka_admin: AdminClient, settings_for: SettingsMaker) -> Iterator[Settings]:
    """Settings whose log has the first half of the events, and whose embedded warehouse is not there yet."""
    with made_log(kafka_admin) as topic, empty_warehouse("embedded", "") as url:
        write(kafka, topic, EVENTS[: len(EVENTS) // 2])
        yield settings_for(topic, url)


def engine_pid(settings: Settings) -> int:
    assert settings.warehouse_folder
    holder = holder_of(settings.warehouse_folder)
    return holder.pid if holder else 0


def runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def wait_for(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def asked(settings: Settings) -> Iterator[Warehouse]:
    warehouse = open_warehouse(settings.warehouse)
    try:
        yield warehouse
    finally:
        warehouse.close()


def _is_another(settings: Settings, engine: int) -> bool:
    return engine_pid(settings) not in (0, engine)


def write_rest(settings: Settings) -> None:
    assert settings.kafka
    write(settings.kafka, settings.log_topic, EVENTS[len(EVENTS) // 2 :])


def until_stored(run: WorkerProcess, settings: Settings, count: int) -> None:
    """Wait until the journal has so many rows, each once, and the worker is well."""
    until(run, lambda health: health["status"] == "ok" and health["lag"] == 0)
    with asked(settings) as warehouse:
        assert isinstance(warehouse, EngineWarehouse)
        wait_for(lambda: shown(warehouse, "SELECT count() AS n FROM journal") == [{"n": count}])
        places = "SELECT count() AS n, uniqExact(partition, offset) AS places FROM journal"
        assert shown(warehouse, places) == [{"n": count, "places": count}]


def test_the_engine_of_a_worker_ends_with_it(settings: Settings) -> None:
    with worker(settings) as run:
        until_stored(run, settings, len(EVENTS) // 2)
        engine = engine_pid(settings)
        assert run.end(signal.SIGTERM) == 0, run.stderr
    assert not runs(engine)
    with asked(settings) as warehouse:  # the folder is free: this process opens it
        assert shown(warehouse, "SELECT count() AS n FROM journal") == [{"n": len(EVENTS) // 2}]


def test_the_engine_of_a_worker_that_was_killed_ends_too(settings: Settings) -> None:
    with worker(settings) as run:
        until(run, lambda health: health["status"] == "ok")
        engine = engine_pid(settings)
        run.process.kill()
        wait_for(lambda: not runs(engine))


@pytest.mark.parametrize("moment", ["at rest", "in the middle of inserts"])
def test_a_worker_whose_engine_is_killed_gets_another_and_loses_and_doubles_nothing(
    settings: Settings, moment: str
) -> None:
    with worker(settings.changed(batch=50)) as run:
        until(run, lambda health: health["status"] == "ok" and health["records"] > 0)
        if moment == "at rest":
            until_stored(run, settings, len(EVENTS) // 2)
        for _ in range(3):
            killed = engine_pid(settings)
            if moment != "at rest":
                write_rest(settings)
                time.sleep(0.05)
            os.kill(killed, signal.SIGKILL)
            wait_for(partial(_is_another, settings, killed))
        if moment == "at rest":
            write_rest(settings)
        ends = dompet("status", "--json", cwd=settings.home.parent, variables=variables(settings))
        written = sum(one["end_offset"] for one in json.loads(ends.out)["kafka"]["partitions"])
        until_stored(run, settings, written)
        assert run.end(signal.SIGTERM) == 0, run.stderr
    verified = dompet("verify", cwd=settings.home.parent, variables=variables(settings))
    assert verified.code == 0, verified.out + verified.err


def test_a_worker_waits_for_an_engine_that_hangs(settings: Settings) -> None:
    with worker(settings) as run:
        until_stored(run, settings, len(EVENTS) // 2)
        engine = engine_pid(settings)
        os.kill(engine, signal.SIGSTOP)
        try:
            write_rest(settings)
            until(run, lambda health: health["lag"] > 0)
        finally:
            os.kill(engine, signal.SIGCONT)
        until_stored(run, settings, len(EVENTS))
        assert engine_pid(settings) == engine


def test_an_engine_that_does_not_answer_any_more_has_a_successor(tmp_path: Path) -> None:
    folder = tmp_path / "warehouse"
    settings = read_settings(home=tmp_path, warehouse=f"chdb://{folder}", engine_port=0, engine_metrics_port=0)
    engine = LocalEngine(settings, folder, silent_s=1)
    engine.begin()
    try:
        engine.wait()
        first = engine_pid(settings)
        os.kill(first, signal.SIGSTOP)
        wait_for(lambda: _is_another(settings, first) and engine_answers(folder))
        assert not runs(first)
    finally:
        engine.stop()
    assert not engine_answers(folder)


def test_a_worker_goes_on_when_the_one_that_started_the_engine_ends(settings: Settings) -> None:
    with worker(settings) as first:
        until_stored(first, settings, len(EVENTS) // 2)
        engine = engine_pid(settings)
        with worker(settings) as second:
            until(second, lambda health: health["status"] == "ok")
            assert engine_pid(settings) == engine
            assert first.end(signal.SIGTERM) == 0, first.stderr
            write_rest(settings)
            until_stored(second, settings, len(EVENTS))
            assert second.end(signal.SIGTERM) == 0, second.stderr


def test_a_worker_that_finds_the_folder_open_says_whose_it_is(settings: Settings) -> None:
    with asked(settings), worker(settings) as run:
        assert run.end() == 2
    assert f"dompet: process {os.getpid()} has the embedded warehouse at " in run.stderr
    assert "cannot be asked" in " ".join(run.stderr.split())
