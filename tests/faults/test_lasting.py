"""Faults that do not heal end a worker at once, with one sentence; those that do are waited for without haste."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_driver import Client
from confluent_kafka.admin import AdminClient

from tests.faults.members import cpu_seconds
from tests.faults.proxy import Link, Network
from tests.faults.stage import port_of, through
from tests.support.clickhouse import USER, ClickHouseServer
from tests.support.crowd import crowd
from tests.support.logs import as_record, made_log, write
from tests.support.pipelines import SettingsMaker
from tests.support.workers import WorkerProcess, until, worker

EVENTS = [as_record(event) for event in crowd(9, 3)]
BEGINNING = 100
_AWAY_S = 6.0
_HASTE = 0.3
"""The share of a processor that a worker may use while it waits: one that does not pause takes all of it."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ClickHouseServer]:
    """A server of the test's own."""
    with ClickHouseServer(tmp_path) as server:
        yield server


@pytest.fixture
def link(server: ClickHouseServer) -> Iterator[Link]:
    """A link to it."""
    with Network() as network:
        yield network.link(port_of(server))


@pytest.fixture
def topic(kafka: str, kafka_admin: AdminClient) -> Iterator[str]:
    """A log of some events; others may follow."""
    with made_log(kafka_admin) as topic:
        write(kafka, topic, EVENTS[:BEGINNING])
        yield topic


def has_stored(run: WorkerProcess, count: int) -> None:
    until(run, lambda health: health["records"] == count and health["status"] == "ok")


def last_sentence(run: WorkerProcess) -> str:
    """What a worker that ended by itself said last."""
    assert run.end() != 0
    assert "Traceback" not in run.stderr
    said = [line for line in run.stderr.splitlines() if line.startswith("dompet: ")]
    assert len(said) == 1, run.stderr
    return said[0]


def test_a_wrong_password_is_reported_at_the_start(
    topic: str, server: ClickHouseServer, settings_for: SettingsMaker
) -> None:
    password = server.url.partition("@")[0].rpartition(":")[2]
    with worker(settings_for(topic, server.url.replace(password, "salah"))) as run:
        said = last_sentence(run)
    assert "password" in said.lower()
    assert "salah" not in said


def test_a_password_that_was_changed_ends_a_worker_that_must_connect_again(
    kafka: str, topic: str, server: ClickHouseServer, link: Link, settings_for: SettingsMaker, tmp_path: Path
) -> None:
    with Client.from_url(server.url) as client, worker(settings_for(topic, through(server, link))) as run:
        has_stored(run, BEGINNING)
        users = tmp_path / "users.xml"
        password = server.url.partition("@")[0].rpartition(":")[2]
        users.write_text(users.read_text().replace(password, "baru"))
        client.execute("SYSTEM RELOAD CONFIG")
        link.reset()
        write(kafka, topic, EVENTS[BEGINNING:])
        said = last_sentence(run)
    assert "password" in said.lower()
    assert f"user {USER}" in said


def test_a_column_that_is_gone_ends_the_worker_and_is_named(
    kafka: str, topic: str, server: ClickHouseServer, settings_for: SettingsMaker
) -> None:
    with Client.from_url(server.url) as client, worker(settings_for(topic, server.url)) as run:
        has_stored(run, BEGINNING)
        client.execute("ALTER TABLE journal_rows DROP COLUMN officer_id")
        write(kafka, topic, EVENTS[BEGINNING:])
        assert "officer_id" in last_sentence(run)


def test_a_worker_that_waits_for_its_warehouse_neither_dies_nor_spins(
    kafka: str, topic: str, server: ClickHouseServer, link: Link, settings_for: SettingsMaker
) -> None:
    with worker(settings_for(topic, through(server, link))) as run:
        has_stored(run, BEGINNING)
        link.cut()
        write(kafka, topic, EVENTS[BEGINNING:])
        used_s = cpu_seconds(run.process.pid)
        time.sleep(_AWAY_S)
        used_s = cpu_seconds(run.process.pid) - used_s
        assert run.process.poll() is None
        link.repair()
        has_stored(run, len(EVENTS))
    assert used_s < _HASTE * _AWAY_S
