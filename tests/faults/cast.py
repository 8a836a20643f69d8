"""All that takes part in a run: broker, warehouse, workers, publisher, and the links between them."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from confluent_kafka.admin import AdminClient

from dompet.infra.ports import HOST, free_port
from dompet.schemas.topics import declared_topics
from dompet.streams.kafka.topics import ensure_topics
from tests.faults.disk import SmallDisk
from tests.faults.engine import HeldEngine
from tests.faults.events import EventFile
from tests.faults.members import Member, Part
from tests.faults.plan import BROKER, PUBLISHER, WAREHOUSE
from tests.faults.proxy import Link, Network
from tests.faults.stage import LinkedBroker, port_of, through
from tests.support.clickhouse import ClickHouseServer

GROUP: Final = "faults"
TOPICS: Final = declared_topics()
_SILENCE_S: Final = 10
"""How long a worker waits for an answer of the warehouse that hangs."""


@dataclass(frozen=True)
class Cast:
    """The parts by name: those that faults end and start (`parts`), and links, named `worker-0>broker` and the like."""

    broker: LinkedBroker
    server: ClickHouseServer | HeldEngine
    workers: tuple[Member, ...]
    publisher: Member
    links: Mapping[str, Link]
    disk: SmallDisk | None
    acknowledged: Path
    leash: Path

    @property
    def parts(self) -> dict[str, Part]:
        """Whatever can be killed."""
        members = {member.name: member for member in (*self.workers, self.publisher)}
        return {BROKER: self.broker, WAREHOUSE: self.server, **members}

    @property
    def members(self) -> tuple[Member, ...]:
        """The processes that are not servers."""
        return (*self.workers, self.publisher)


@contextmanager
def gathered(
    folder: Path, disk: SmallDisk | None, *, seed: int, events: int, workers: int, embedded: bool = False
) -> Iterator[Cast]:
    """Servers that answer, topics that are there, and members that are yet to be started; all gone afterwards."""
    names = [f"worker-{number}" for number in range(workers)]
    with ExitStack() as stack:
        network = stack.enter_context(Network())
        server = HeldEngine(folder / "warehouse") if embedded else ClickHouseServer(folder / "clickhouse")
        if isinstance(server, ClickHouseServer):
            stack.enter_context(server)
        broker = LinkedBroker(folder / "kafka", network, [*names, PUBLISHER])
        stack.enter_context(broker)
        ensure_topics(AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0}), TOPICS)
        EventFile(folder / "events").write(seed, events)
        links = {f"{name}>{BROKER}": link for name, link in broker.links.items()}
        if isinstance(server, ClickHouseServer):
            links |= {f"{name}>{WAREHOUSE}": network.link(port_of(server)) for name in names}
        cast = Cast(
            broker,
            server,
            tuple(_worker(name, folder, server, links) for name in names),
            _publisher(folder, links[f"{PUBLISHER}>{BROKER}"], events),
            links,
            disk,
            folder / "acknowledged",
            folder / "leash",
        )
        for member in cast.members:
            stack.callback(member.kill)
        yield cast


def _worker(name: str, folder: Path, server: ClickHouseServer | HeldEngine, links: Mapping[str, Link]) -> Member:
    url = server.url
    if isinstance(server, ClickHouseServer):
        url = f"{through(server, links[f'{name}>{WAREHOUSE}'])}?send_receive_timeout={_SILENCE_S}"
    settings = {
        "KAFKA": f"{HOST}:{links[f'{name}>{BROKER}'].port}",
        "WAREHOUSE": url,
        "ENGINE_PORT": "0",
        "HOME": str(folder / name),
        "GROUP": GROUP,
        "WEB_PORT": str(free_port()),
    }
    variables = [f"DOMPET_{setting}={value}" for setting, value in settings.items()]
    return Member(name, ["/usr/bin/env", *variables, sys.executable, "-m", "dompet.streams.cli", "worker"], folder)


def _publisher(folder: Path, link: Link, events: int) -> Member:
    options = {
        "bootstrap-servers": f"{HOST}:{link.port}",
        "topic": TOPICS.log.name,
        "count": events,
        "events": folder / "events",
        "acknowledged": folder / "acknowledged",
        "leash": folder / "leash",
    }
    root = Path(__file__).parents[2]
    given = [f"--{name}={value}" for name, value in options.items()]
    command = [f"PYTHONPATH={root}", sys.executable, "-m", "tests.faults.publishing", *given]
    return Member(PUBLISHER, ["/usr/bin/env", *command], folder)
