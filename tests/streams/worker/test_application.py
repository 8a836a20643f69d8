"""The Faust application as its users run it: its pages, its catalogue, and how it ends."""

import http.client
import json
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict

import pytest
from confluent_kafka.admin import AdminClient

from dompet.schemas.catalogue import encode_listing
from dompet.schemas.errors import DompetError
from dompet.schemas.topics import declared_topics
from dompet.streams.demo.programme.catalogue import catalogue
from dompet.streams.demo.programme.programme import DEFAULT
from dompet.streams.settings import Settings
from dompet.streams.warehouse.holder import HOLDER, ask, holder_of
from tests.support.crowd import crowd
from tests.support.logs import RawRecord, as_record, made_log, write
from tests.support.pipelines import SettingsMaker
from tests.support.workers import FAUST, WorkerProcess, get, until, worker

EVENTS = [as_record(event) for event in crowd(8, 4)]
LISTED = list(catalogue(1, DEFAULT).records())
COUNTS = {"PlatformListed": 8, "InstitutionListed": 200, "CourseListed": 1_700}
TOPIC = declared_topics().catalogue.name


@pytest.fixture(scope="module")
def settings(
    kafka: str, kafka_admin: AdminClient, settings_for: SettingsMaker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """For a log with some events, and a catalogue, into an embedded warehouse."""
    with made_log(kafka_admin) as topic:
        write(kafka, topic, EVENTS)
        settings = settings_for(topic, f"chdb://{tmp_path_factory.mktemp('warehouse')}", group="application")
        listings = [(type(one).__name__, one) for one in LISTED]
        write(kafka, TOPIC, [RawRecord(one.key().encode(), encode_listing(n, asdict(one))) for n, one in listings])
        yield settings


@pytest.fixture(scope="module")
def running(settings: Settings) -> Iterator[WorkerProcess]:
    """`faust -A dompet.streams.app worker`, which has folded the log; stopped in the end as a service manager does."""
    with worker(settings, command=FAUST) as run:
        until(run, lambda health: health["records"] == len(EVENTS) and sum(health["catalogue"].values()) == len(LISTED))
        yield run
        assert run.end(signal.SIGTERM) == 0, run.stderr
        assert "Traceback" not in run.stderr


def test_a_worker_that_has_caught_up_is_healthy(running: WorkerProcess) -> None:
    status, health = until(running, lambda health: health["lag"] == 0)
    assert (status, health["status"], health["reason"]) == (200, "ok", "")


def test_the_catalogue_that_is_stored_is_counted(running: WorkerProcess) -> None:
    _, health = until(running, lambda health: True)
    assert health["catalogue"] == COUNTS


@pytest.mark.parametrize("path", ["/table", "/table/catalogue", "/router", "/stats", "/graph", "/no-such-page"])
def test_no_page_is_there_that_is_not_ours(running: WorkerProcess, path: str) -> None:
    assert get(running, path)[0] == 404
    assert get(running, path + "/")[0] == 404


def test_pages_are_on_the_loopback_address_only(running: WorkerProcess) -> None:
    # A listener on every address would answer on this one too.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", running.port), timeout=5)


@pytest.mark.parametrize("path", ["/health", "/state"])
def test_no_page_is_shown_to_another_sites_name(running: WorkerProcess, path: str) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)) as connection:
        connection.request(
            "POST" if path == "/state" else "GET", path, headers={"Host": f"evil.example:{running.port}"}
        )
        answer = connection.getresponse()
        assert (answer.status, b"evil.example" in answer.read()) == (403, True)


def test_the_workers_state_is_for_who_has_its_token(running: WorkerProcess, settings: Settings) -> None:
    [folder] = (settings.home / "workers").iterdir()
    holder = holder_of(folder)
    assert holder
    assert (folder / HOLDER).stat().st_mode & 0o077 == 0
    for token in ("", "wrong", holder.token[:-1], "é".encode().decode("latin-1")):
        status, content = get(running, "/state", b'{"seed": 1}', token)
        assert (status, json.loads(content)) == (403, {"error": "the worker's token is needed"})
    assert json.loads(ask(folder, "/state", {"seed": 1}))["topic"] == settings.log_topic
    with pytest.raises(DompetError, match=r"^a question is JSON with the whole number seed$"):
        ask(folder, "/state", {"seed": "x"})


def test_a_second_worker_on_an_embedded_warehouse_shares_the_log_with_the_first(
    running: WorkerProcess, settings: Settings
) -> None:
    with worker(settings) as second:
        until(second, lambda health: health["status"] == "ok")
        until(running, lambda health: health["status"] == "ok")
        assert second.end(signal.SIGTERM) == 0, second.stderr
    assert "Traceback" not in second.stderr
    until(running, lambda health: health["status"] == "ok")


# The last test of this module: it stops the worker that the others ask.
def test_the_catalogue_outlives_a_restart_and_follows_its_topic(
    running: WorkerProcess, settings: Settings, kafka: str
) -> None:
    assert running.end(signal.SIGINT) == 0, running.stderr
    gone = [one for one in LISTED if type(one).__name__ == "InstitutionListed"][:50]
    noise = [RawRecord(b"CourseListed/x/0", b"no listing"), RawRecord(b"CourseListed/x/99999999999999999999", None)]
    write(kafka, TOPIC, [*noise, *(RawRecord(one.key().encode(), None) for one in gone)])
    with worker(settings, command=FAUST) as again:
        _, health = until(again, lambda health: health["catalogue"].get("InstitutionListed") == 150)
        assert health["catalogue"] == {**COUNTS, "InstitutionListed": 150}
        assert health["records"] == 0
        assert health["catalogue_passed_over"] == len(noise)
        assert again.end(signal.SIGINT) == 0, again.stderr
