"""Ports of this machine's loopback address."""

import os
import secrets
import socket
import sys
import threading
import time
from collections import deque
from typing import Final

HOST = "127.0.0.1"
# Below the range that Linux gives to outgoing connections (32768 and up): a port of that range may be taken between
# the choice and its use, and a process that polls it until a server listens there may end up connected to himself.
_CHOICE = range(20_000, 32_768)
_HELD_S: Final = 60.0
_held: deque[tuple[float, int]] = deque()
_turn = threading.Lock()


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    try:
        check_free(port)
    except OSError:
        return False
    return True


def check_free(port: int, host: str = HOST) -> None:
    """OSError where no server could listen at that port of a name or address of this machine now."""
    family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, number) as probe:
        # Else connections of an earlier server that wait for their end (TIME_WAIT) would count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


def free_port() -> int:
    """A port that nobody listens on, and, on Linux, that nobody else is given for a minute: servers begin slowly."""
    while not claim(port := secrets.choice(_CHOICE)):
        pass
    return port


def claim(port: int) -> bool:
    """Whether nobody listens there, and, on Linux, nobody else was given it within the last minute: then it is ours."""
    with socket.socket() as chosen:
        try:
            chosen.bind((HOST, port))
        except OSError:
            return False
        if sys.platform == "linux":  # elsewhere no server could listen on what is held
            _hold(chosen)
    return True


def _hold(chosen: socket.socket) -> None:
    """Keep it bound for a while. A server may listen there all the same: what is held does not, and may be shared."""
    chosen.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with _turn:
        _held.append((time.monotonic() + _HELD_S, chosen.detach()))
        while _held and _held[0][0] < time.monotonic():
            os.close(_held.popleft()[1])


def accepts(port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
