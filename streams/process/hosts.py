"""Hosts that name this machine alone."""

from ipaddress import ip_address
from typing import Final

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""As a browser writes them."""


def host_of(header: str) -> str:
    """The name or address in an HTTP Host header, in lower case and without its port."""
    host, colon, port = header.rpartition(":")
    return (host if colon and port.isdecimal() else header).lower()


def is_own_host(header: str) -> bool:
    """Whether an HTTP Host header names this machine's loopback address, with a port or without, or nothing.

    A page of another site that has its own name lead here (DNS rebinding) sends that name, and is to read nothing.

    >>> is_own_host("localhost:8123"), is_own_host("[::1]:6066"), is_own_host("evil.example:6066")
    (True, True, False)
    """
    host = host_of(header)
    return host in LOOPBACK or not host


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
