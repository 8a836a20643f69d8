"""The pages beside a worker answer at the address of the settings, which is the one that is said."""

import http.client
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from dompet.infra.ports import free_port
from dompet.streams.commands.local_pages import pages_of
from dompet.streams.commands.local_ports import netloc
from dompet.streams.settings import Settings, read_settings

HOST = "127.0.0.2"
"""Linux has all of 127.0.0.0/8; pages there need no entries, for they are reached from this machine alone."""
_LIMIT_S = 120.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    nowhere = {"warehouse": f"clickhouse://127.0.0.1:{free_port()}/default", "serve_metrics_port": 0}
    return read_settings(home=tmp_path, serve_host=HOST, serve_port=free_port(), **nowhere)


def answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status > 0
    except OSError:
        return False
    finally:
        connection.close()


@pytest.mark.server
def test_the_pages_answer_at_the_address_that_is_said(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    port = settings.serve_port
    with socket.create_server(("127.0.0.1", port)), pages_of(settings):  # at another address the port is another's
        log = settings.home / "serve.log"
        assert capsys.readouterr().err == f"• the pages are at http://{HOST}:{port}/ (log: {log})\n"
        deadline = time.monotonic() + _LIMIT_S
        while not answers(HOST, port):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
    assert not answers(HOST, port)


@pytest.mark.server
def test_pages_that_are_killed_have_a_successor_at_the_same_address(settings: Settings) -> None:
    log = settings.home / "serve.log"

    def until_they_answer(process: int | None) -> int:
        """The process that answers, which is not this one."""
        deadline = time.monotonic() + _LIMIT_S
        while (found := child_of_this_process("serve")) in (None, process) or not answers(HOST, settings.serve_port):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        assert found is not None
        return found

    with pages_of(settings):
        first = until_they_answer(None)
        os.kill(first, signal.SIGKILL)
        until_they_answer(first)
    assert child_of_this_process("serve") is None


def child_of_this_process(command: str) -> int | None:
    """The process id of the `dompet COMMAND` that this process started, if it runs."""
    for listed in Path("/proc/self/task").glob("*/children"):
        for number in listed.read_text().split():
            words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
            if words[-2:] == [command.encode(), b""]:
                return int(number)
    return None


def test_a_port_that_is_taken_at_that_address_is_said(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    port = settings.serve_port
    with socket.create_server((HOST, port)), pages_of(settings):
        said = f"nothing can listen at {HOST}:{port} (Address already in use): there are no pages (--serve-port)"
        assert capsys.readouterr().err == f"• {said}\n"
    assert not (settings.home / "serve.log").exists()


def test_an_address_that_is_none_of_this_machine_is_said(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with pages_of(settings.changed(serve_host="192.0.2.1")):
        said = capsys.readouterr().err
    assert said.startswith(f"• nothing can listen at 192.0.2.1:{settings.serve_port} (")
    assert said.endswith("): there are no pages (--serve-port)\n")


def test_an_address_of_ipv6_is_shown_as_in_a_url() -> None:
    assert (netloc("::1", 8080), netloc("127.0.0.1", 8080)) == ("[::1]:8080", "127.0.0.1:8080")
