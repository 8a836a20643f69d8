"""What a run stands on: a broker that listens on one port for each link to it, a ClickHouse server on a small disk."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dompet.infra.broker import LocalBroker
from dompet.infra.ports import HOST, free_port
from tests.faults.proxy import Link, Network
from tests.support.clickhouse import ClickHouseServer
from tests.support.kafka import JARS

DATABASE: Final = "default"


class LinkedBroker(LocalBroker):
    """A broker that names to each client the link by which it came: clients go to where a broker says it is."""

    def __init__(self, home: Path, network: Network, names: Iterable[str]) -> None:
        super().__init__(home, 0, libs=JARS)
        self._ports = {name: free_port() for name in names}
        self.links: dict[str, Link] = {name: network.link(port) for name, port in self._ports.items()}

    def _write_properties(self, data: str, port: int, controller_port: int) -> None:
        super()._write_properties(data, port, controller_port)
        listeners = {f"LINK{number}": name for number, name in enumerate(self._ports)}
        own = [f"{listener}://{HOST}:{self._ports[name]}" for listener, name in listeners.items()]
        advertised = [f"{listener}://{HOST}:{self.links[name].port}" for listener, name in listeners.items()]
        plain = [f"{listener}:PLAINTEXT" for listener in ("PLAINTEXT", "CONTROLLER", *listeners)]
        # Of a property that is given twice the last value counts.
        added = [
            f"listeners=PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port},{','.join(own)}",
            f"advertised.listeners=PLAINTEXT://{HOST}:{port},{','.join(advertised)}",
            f"listener.security.protocol.map={','.join(plain)}",
        ]
        with (self.home / "kafka.properties").open("a") as properties:
            properties.write("\n".join([*added, ""]))


def through(server: ClickHouseServer, link: Link) -> str:
    """The server's URL by way of a link."""
    place = f":{port_of(server)}/"
    return server.url.replace(place, f":{link.port}/")


def port_of(server: ClickHouseServer) -> int:
    """Where the server itself listens."""
    return int(server.url.rpartition(":")[2].partition("/")[0])
