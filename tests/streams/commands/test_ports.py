"""A port that is taken: one sentence that names the setting, before anything is started."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from dompet.infra.ports import free_port
from dompet.streams.commands.local_ports import figures_port
from tests.support.command import dompet
from tests.support.kafka import JARS


@pytest.fixture
def taken() -> Iterator[str]:
    """A port of the loopback address that somebody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield str(listening.getsockname()[1])


@pytest.mark.server
@pytest.mark.parametrize(
    ("command", "flag"),
    [("worker", "--web-port"), ("up", "--web-port"), ("serve", "--serve-port"), ("engine", "--engine-port")],
)
def test_the_sentence_names_the_port_and_the_flag(tmp_path: Path, taken: str, command: str, flag: str) -> None:
    ran = dompet(command, flag, taken, cwd=tmp_path)
    assert ran.code == 2
    assert f"127.0.0.1:{taken}" in ran.complaint
    if command != "engine":
        assert ran.complaint.endswith(f": stop what does, or choose another by {flag}")
        assert list(tmp_path.rglob("*.log")) == []


@pytest.mark.server
@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
def test_an_address_that_is_none_of_this_machine_is_named(tmp_path: Path, host: str) -> None:
    ran = dompet("serve", "--serve-host", host, cwd=tmp_path)
    assert ran.code == 2
    assert ran.complaint.startswith(f"nothing can listen at {host}:8080 (")


@pytest.mark.server
def test_the_local_kafka_names_its_port(tmp_path: Path, taken: str) -> None:
    (tmp_path / ".dompet").mkdir()
    (tmp_path / ".dompet" / "kafka-libs").symlink_to(JARS)
    ran = dompet("broker", "--port", taken, cwd=tmp_path)
    said = f"port {taken} is taken: stop what listens there, or choose another port (--port)"
    assert (ran.code, ran.complaint) == (2, said)


def test_a_taken_port_of_a_childs_figures_is_said_and_the_child_has_none(
    taken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert figures_port(int(taken), "the engine", "--engine-metrics-port") == 0
    said = f"• port {taken} is taken: there are no figures of the engine for Prometheus (--engine-metrics-port)\n"
    assert capsys.readouterr().err == said


def test_the_address_of_a_childs_figures_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    assert figures_port(port, "the pages", "--serve-metrics-port") == port
    assert capsys.readouterr().err == f"• figures of the pages for Prometheus are at http://127.0.0.1:{port}/metrics\n"
    assert figures_port(0, "the pages", "--serve-metrics-port") == 0
    assert capsys.readouterr().err == ""
