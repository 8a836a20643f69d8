"""A worker whose warehouse hangs or dies ends, and says why."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from tests.support.clickhouse import ClickHouseServer
from tests.support.crowd import crowd
from tests.support.logs import as_record, made_log, write
from tests.support.pipelines import SettingsMaker
from tests.support.workers import until, worker

EVENTS = [as_record(event) for event in crowd(8, 4)]


@pytest.fixture
def topic(kafka: str, kafka_admin: AdminClient) -> Iterator[str]:
    with made_log(kafka_admin) as topic:
        write(kafka, topic, EVENTS[:50])
        yield topic


def test_a_worker_that_stores_nothing_for_too_long_is_unwell_and_ends(
    kafka: str, topic: str, settings_for: SettingsMaker, tmp_path: Path
) -> None:
    with ClickHouseServer(tmp_path) as server:
        with worker(settings_for(topic, server.url, stall_seconds=1, group="stalled")) as run:
            until(run, lambda health: health["records"] == 50)
            assert server.pid
            os.kill(server.pid, signal.SIGSTOP)
            write(kafka, topic, EVENTS[50:57])
            status, health = until(run, lambda health: health["status"] != "ok")
            # It cannot stop in order while it waits for an answer to its insert.
            os.kill(server.pid, signal.SIGCONT)
            assert run.end() == 1
        assert (status, health["lag"]) == (503, 7)
        assert health["reason"].startswith("7 records wait in the log and none was stored for ")
        assert run.stderr.splitlines()[-1].startswith("dompet: 7 records wait in the log and none was stored for ")
        with worker(settings_for(topic, server.url, outage_seconds=1, group="died")) as run:
            until(run, lambda health: health["lag"] == 0 and health["status"] == "ok")
            server.kill()
            write(kafka, topic, EVENTS[57:60])
            assert run.end() == 1
        assert run.stderr.splitlines()[-1].startswith(f"dompet: ClickHouse at {server.url.split('@')[1][:15]}")
        assert run.stderr.splitlines()[-1].endswith(" s: --outage-seconds)")
        assert "Traceback" not in run.stderr
