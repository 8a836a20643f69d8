"""Ports of this machine's loopback address."""

import secrets
import socket

HOST = "127.0.0.1"
# Below the range that Linux gives to outgoing connections (32768 and up): a port of that range may be taken between
# the choice and its use, and whoever polls it until a server listens there may end up connected to himself.
_CHOICE = range(20_000, 32_768)


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        # Else connections of an earlier server that wait for their end (TIME_WAIT) would count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody listens on."""
    while not is_free(port := secrets.choice(_CHOICE)):
        pass
    return port


def accepts(port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
