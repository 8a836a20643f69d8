"""A worker outlasts a warehouse that goes away and comes back, and ends with one sentence where waiting cannot help."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
from clickhouse_driver import Client
from confluent_kafka.admin import AdminClient

from tests.support.clickhouse import ClickHouseServer
from tests.support.crowd import crowd
from tests.support.logs import as_record, write
from tests.support.modelled import ModelledLog, assert_checkpoints_hold, modelled_log
from tests.support.pipelines import SettingsMaker
from tests.support.warehouses import empty_warehouse, opened
from tests.support.workers import WorkerProcess, until, worker

EVENTS = [as_record(event) for event in crowd(8, 4)]
BEGINNING = 200


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseServer]:
    """A server of this module's own, which its tests may kill."""
    with ClickHouseServer(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture
def url(server: ClickHouseServer) -> Iterator[str]:
    """An empty database of that server, which runs."""
    with empty_warehouse("server", server.url) as url:
        yield url
        if server.pid is None:
            server.start()


@pytest.fixture
def log(kafka: str, kafka_admin: AdminClient) -> Iterator[ModelledLog]:
    """A log of some events; others may follow."""
    with modelled_log(kafka, kafka_admin, EVENTS[:BEGINNING]) as log:
        yield log


def has_stored(run: WorkerProcess, count: int) -> None:
    until(run, lambda health: health["records"] == count and health["status"] == "ok")


def asked(url: str, statement: str) -> None:
    with Client.from_url(url) as client:
        client.execute(statement)


def test_a_warehouse_that_dies_and_comes_back_is_waited_for(
    kafka: str, log: ModelledLog, url: str, server: ClickHouseServer, settings_for: SettingsMaker
) -> None:
    with worker(settings_for(log.topic, url, stall_seconds=1, group="outage")) as run:
        has_stored(run, BEGINNING)
        server.kill()
        write(kafka, log.topic, EVENTS[BEGINNING:])
        status, health = until(run, lambda health: health["status"] != "ok")
        time.sleep(1.5)  # longer than a worker that does nothing would live
        assert (status, health["lag"] > 0) == (503, True)
        assert health["reason"].startswith("ClickHouse at 127.0.0.1:")
        server.start()
        has_stored(run, len(EVENTS))
        assert run.end(signal.SIGTERM) == 0, run.stderr
    lines = [line for line in run.stderr.splitlines() if "dompet.outages" in line]
    waited = 2 if len(lines) > 2 else 1  # the catalogue's feed, too, where it had not read its topic to the end yet
    assert [("cannot be reached" in line, "tried again" in line, "over after" in line) for line in lines] == [
        *[(True, True, False)] * waited,
        *[(True, False, True)] * waited,
    ], lines
    with opened(url) as warehouse:
        assert assert_checkpoints_hold(warehouse) == len(EVENTS)


def test_an_outage_longer_than_the_group_waits_for_a_poll_is_outlasted_too(
    kafka: str,
    log: ModelledLog,
    url: str,
    server: ClickHouseServer,
    settings_for: SettingsMaker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("SESSION_TIMEOUT_MS", "MAX_POLL_INTERVAL_MS"):
        monkeypatch.setenv(f"DOMPET_KAFKA__{name}", "6000")
    with worker(settings_for(log.topic, url, batch=10, group="unpolled")) as run:
        has_stored(run, BEGINNING)
        server.kill()
        write(kafka, log.topic, EVENTS[BEGINNING:])  # more than what is in hand, so that reading waits as well
        time.sleep(7)
        server.start()
        until(run, lambda health: health["status"] == "ok" and health["lag"] == 0)
        assert run.end(signal.SIGTERM) == 0, run.stderr
    with opened(url) as warehouse:
        assert assert_checkpoints_hold(warehouse) == len(EVENTS)


def test_a_worker_that_waits_stops_at_once_and_in_order(
    kafka: str, log: ModelledLog, url: str, server: ClickHouseServer, settings_for: SettingsMaker
) -> None:
    with worker(settings_for(log.topic, url, group="stopped")) as run:
        has_stored(run, BEGINNING)
        server.kill()
        write(kafka, log.topic, EVENTS[BEGINNING:])
        until(run, lambda health: health["status"] != "ok")
        began = time.monotonic()
        assert run.end(signal.SIGTERM) == 0, run.stderr
        assert time.monotonic() - began < 6
    assert "Traceback" not in run.stderr


def test_a_server_that_hangs_does_not_hold_a_worker_that_is_asked_to_stop(
    kafka: str, log: ModelledLog, url: str, server: ClickHouseServer, settings_for: SettingsMaker
) -> None:
    with worker(settings_for(log.topic, url, group="hung")) as run:
        has_stored(run, BEGINNING)
        assert server.pid
        os.kill(server.pid, signal.SIGSTOP)
        try:
            write(kafka, log.topic, EVENTS[BEGINNING:])
            server.is_kept_waiting()  # the worker has asked it for something
            began = time.monotonic()
            assert run.end(signal.SIGTERM) == 0, run.stderr
            assert time.monotonic() - began < 7
        finally:
            os.kill(server.pid, signal.SIGCONT)
    assert run.stderr.splitlines()[-1].startswith("dompet: stopped without waiting any longer; ")


def test_a_table_that_was_dropped_ends_the_worker_at_once(
    kafka: str, log: ModelledLog, url: str, settings_for: SettingsMaker
) -> None:
    with worker(settings_for(log.topic, url, group="dropped")) as run:
        has_stored(run, BEGINNING)
        asked(url, "DROP TABLE journal_rows")
        write(kafka, log.topic, EVENTS[BEGINNING:])
        began = time.monotonic()
        assert run.end() == 1
        assert time.monotonic() - began < 8
    said = run.stderr.splitlines()[-1]
    assert said.startswith("dompet: ClickHouse at 127.0.0.1:")
    assert said.endswith("journal_rows doesn't exist")
    assert "Traceback" not in run.stderr
