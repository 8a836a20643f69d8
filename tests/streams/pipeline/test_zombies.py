"""A worker that its group took for dead does no harm when it wakes up; one without partitions waits for its turn."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from tests.support.crowd import crowd
from tests.support.kafka import LogTopicMaker
from tests.support.logs import as_record, write
from tests.support.modelled import assert_checkpoints_hold, assert_whole, modelled_log
from tests.support.pipelines import SettingsMaker
from tests.support.stored import shown
from tests.support.verifying import verified
from tests.support.warehouses import empty_warehouse, opened
from tests.support.workers import WorkerProcess, until, worker

BATCH = 20
SESSION_MS = 6_000
"""The shortest that a broker allows by default."""


@pytest.fixture(autouse=True)
def short_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOMPET_KAFKA__SESSION_TIMEOUT_MS", str(SESSION_MS))


@contextmanager
def stopped(run: WorkerProcess) -> Iterator[None]:
    """Within the block the worker does not run; afterwards it goes on where it was."""
    os.kill(run.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(run.process.pid, signal.SIGCONT)


def has_stored(count: int, health: Any) -> bool:
    return bool(health["records"] >= count)


def is_well(health: Any) -> bool:
    return bool(health["status"] == "ok" and health["lag"] == 0)


def test_a_worker_paused_past_its_session_and_resumed_does_no_harm(
    kafka: str, kafka_admin: AdminClient, settings_for: SettingsMaker, clickhouse_server: str
) -> None:
    records = [as_record(event) for event in crowd(51, 10)]
    with (
        empty_warehouse("server", clickhouse_server) as url,
        modelled_log(kafka, kafka_admin, records) as log,
        worker(settings := settings_for(log.topic, url, batch=BATCH, group="zombie")) as zombie,
    ):
        until(zombie, partial(has_stored, BATCH))
        with stopped(zombie), worker(settings) as successor:
            with opened(url) as warehouse:
                before = assert_checkpoints_hold(warehouse)
            assert before < len(records), "it was not stopped in the middle"
            until(successor, lambda health: has_stored(len(records) - before - BATCH, health) and is_well(health))
            os.kill(zombie.process.pid, signal.SIGCONT)
            until(zombie, is_well)  # what it had in hand is stored or dropped, and it has joined again
            with opened(url) as warehouse:
                assert_whole(warehouse, log)
                assert assert_checkpoints_hold(warehouse) == len(records)
            assert successor.end(signal.SIGTERM) == 0, successor.stderr
        until(zombie, is_well)
        assert verified(settings).holds
        assert zombie.end(signal.SIGTERM) == 0, zombie.stderr


def test_a_worker_without_partitions_waits_in_good_health_and_takes_over(
    kafka: str, settings_for: SettingsMaker, log_topic: LogTopicMaker, clickhouse_server: str
) -> None:
    events = [as_record(event) for event in crowd(52, 3)]
    topic = log_topic(partitions=1)
    with empty_warehouse("server", clickhouse_server) as url:
        settings = settings_for(topic, url, group="spare")
        write(kafka, topic, events[:20])
        with worker(settings) as first, worker(settings) as second:
            for run in (first, second):
                assert until(run, is_well)[0] == 200
            [(busy, idle)] = [
                pair
                for pair in ((first, second), (second, first))
                if until(pair[0], is_well)[1]["records"] and not until(pair[1], is_well)[1]["records"]
            ]
            assert busy.end(signal.SIGTERM) == 0, busy.stderr
            write(kafka, topic, events[20:])
            until(idle, partial(has_stored, len(events) - 20))
            assert idle.end(signal.SIGTERM) == 0, idle.stderr
        with opened(url) as warehouse:
            assert shown(warehouse, "SELECT count() AS n FROM journal") == [{"n": len(events)}]
