"""Whether brokers can be reached under the names that they give themselves.

A client that asks one broker learns where all of them are (`advertised.listeners`), and connects to them there.
Where such a name means nothing on this machine, clients of Kafka try again for minutes, and say nothing.
"""

import socket
from collections.abc import Iterable
from typing import Protocol

_LIMIT_S = 3.0


class Named(Protocol):
    """A broker as another one names it."""

    @property
    def host(self) -> str:
        """Its name or address."""

    @property
    def port(self) -> int:
        """Where it listens."""


def unreachable(brokers: Iterable[Named]) -> str:
    """Why none of these brokers takes a connection, as a sentence's end; empty where one does, or none is named."""
    why = ""
    for broker in brokers:
        try:
            socket.create_connection((broker.host, broker.port), _LIMIT_S).close()
        except OSError as error:
            said = "does not resolve here" if isinstance(error, socket.gaierror) else f"cannot be reached: {error}"
            why = why or f"{broker.host}:{broker.port}, which {said}"
        else:
            return ""
    return why


def elsewhere(servers: str, why: str) -> str:
    """The sentence of it. `servers`: without passwords."""
    return f"the Kafka at {servers} says that its broker is at {why}: fix advertised.listeners there, or --kafka"
