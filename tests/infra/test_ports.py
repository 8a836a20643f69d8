"""Ports that are chosen for servers that are yet to begin."""

import secrets
import socket
import subprocess
import sys
from collections import deque

import pytest

from dompet.infra import ports
from dompet.infra.ports import HOST, accepts, free_port, is_free

CHOOSE = (
    "import sys; from dompet.infra import ports\n"
    "ports._CHOICE = range(*map(int, sys.argv[1:])); print(ports.free_port())"
)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> range:
    """Eight free ports; no other is chosen."""
    while not all(map(is_free, eight := range(first := secrets.choice(ports._CHOICE), first + 8))):
        pass
    monkeypatch.setattr(ports, "_CHOICE", eight)
    return eight


@pytest.mark.server
def test_a_port_that_was_chosen_is_given_to_nobody_else(few: range) -> None:
    mine = {free_port() for _ in range(5)}
    command = [sys.executable, "-c", CHOOSE, str(few.start), str(few.stop)]
    elsewhere = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert len({*mine, int(elsewhere.stdout)}) == 6


def test_a_server_listens_on_what_was_chosen_for_it_and_then_nobody_else_can(few: range) -> None:
    port = free_port()
    assert port in few
    assert is_free(port)
    with socket.create_server((HOST, port)):
        assert accepts(port)
        assert not is_free(port)


def test_a_port_is_held_for_a_while_only(few: range, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_held", deque())
    monkeypatch.setattr(ports, "_HELD_S", -1.0)
    assert len([free_port() for _ in range(50)]) == 50
