"""A worker rides out a broker that goes away and comes back, and ends in time where it is asked to meanwhile."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from dompet.infra.broker import LocalBroker
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.settings import Settings, read_settings
from tests.support.crowd import crowd
from tests.support.kafka import JARS
from tests.support.logs import as_record, write
from tests.support.stored import shown
from tests.support.warehouses import empty_warehouse, opened
from tests.support.workers import until, worker

EVENTS = [as_record(event) for event in crowd(61, 4)]
BEGINNING = 100


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """A broker of this module's own, which its tests may kill."""
    with LocalBroker(tmp_path_factory.mktemp("kafka"), 0, libs=JARS) as broker:
        yield broker


@pytest.fixture
def settings(
    broker: LocalBroker, clickhouse_server: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Settings]:
    """For a log with some events on that broker, which runs, and an empty warehouse."""
    broker.start()
    name = request.node.name[:60]
    with empty_warehouse("server", clickhouse_server) as url:
        settings = read_settings(kafka=broker.bootstrap, warehouse=url, log_topic=name, group=name, home=tmp_path)
        ensure_topics(AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0}), list(settings.topics))
        write(broker.bootstrap, name, EVENTS[:BEGINNING])
        yield settings


def test_a_broker_restarted_under_a_worker_is_ridden_out(broker: LocalBroker, settings: Settings) -> None:
    with worker(settings) as run:
        until(run, lambda health: health["records"] == BEGINNING and health["status"] == "ok")
        broker.stop()
        broker.start()
        write(broker.bootstrap, settings.log_topic, EVENTS[BEGINNING:])
        status, _ = until(run, lambda health: health["records"] == len(EVENTS) and health["status"] == "ok")
        assert status == 200
        assert run.end(signal.SIGTERM) == 0, run.stderr
    assert "Traceback" not in run.stderr
    with opened(settings.warehouse) as warehouse:
        assert shown(warehouse, "SELECT count() AS n FROM journal") == [{"n": len(EVENTS)}]
        assert shown(warehouse, "SELECT * FROM differences") == []


def test_a_worker_asked_to_stop_while_the_broker_is_dead_ends_in_time(broker: LocalBroker, settings: Settings) -> None:
    with worker(settings) as run:
        until(run, lambda health: health["records"] == BEGINNING and health["status"] == "ok")
        broker.kill()
        until(run, lambda health: health["status"] != "ok")
        began = time.monotonic()
        assert run.end(signal.SIGTERM) == 0, run.stderr
        assert time.monotonic() - began < 7
    assert "Traceback" not in run.stderr


def test_a_worker_that_has_caught_up_ends_where_its_topic_is_deleted(broker: LocalBroker, settings: Settings) -> None:
    admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    with worker(settings) as run:
        until(run, lambda health: health["records"] == BEGINNING and health["status"] == "ok")
        admin.delete_topics([settings.log_topic])[settings.log_topic].result()
        assert run.end() == 1, run.stderr
    assert f"topic {settings.log_topic} does not exist any more" in run.stderr
    assert "Traceback" not in run.stderr
