"""All that takes part in a run: servers, workers, publishers, gateway and routers, and the links between them."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from confluent_kafka.admin import AdminClient

from dompet.infra.ports import HOST, free_port
from dompet.schemas.topics import declared_topics, inbox_of
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.publishers.entries import QUOTA_MOST, new_publisher
from dompet.streams.publishers.topic import write_publisher
from dompet.streams.settings import read_settings
from tests.faults.disk import SmallDisk
from tests.faults.engine import HeldEngine
from tests.faults.entrance import BY_GATEWAY, BY_INBOX
from tests.faults.events import EventFile
from tests.faults.members import Member, Part
from tests.faults.plan import BROKER, GATEWAY, PUBLISHER, ROUTERS, WAREHOUSE
from tests.faults.proxy import Link, Network
from tests.faults.stage import LinkedBroker, port_of, through
from tests.support.clickhouse import ClickHouseServer

GROUP: Final = "faults"
ROUTER_GROUP: Final = "faults-router"
TOPICS: Final = declared_topics()
_LEASE_S: Final = 6
"""A router's: short, for its successor waits so long after each kill."""
_SILENCE_S: Final = 10
"""How long a worker waits for an answer of the warehouse that hangs."""


@dataclass(frozen=True)
class Cast:
    """The parts by name: those that faults end and start (`parts`), and links, named `worker-0>broker` and the like."""

    broker: LinkedBroker
    server: ClickHouseServer | HeldEngine
    workers: tuple[Member, ...]
    publisher: Member
    gateway: Member
    routers: tuple[Member, ...]
    links: Mapping[str, Link]
    disk: SmallDisk | None
    acknowledged: Path
    leash: Path

    @property
    def parts(self) -> dict[str, Part]:
        """Whatever can be killed."""
        members = {member.name: member for member in self.members}
        return {BROKER: self.broker, WAREHOUSE: self.server, **members}

    @property
    def members(self) -> tuple[Member, ...]:
        """The processes that are not servers."""
        return (*self.workers, self.publisher, self.gateway, *self.routers)


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
        broker = LinkedBroker(folder / "kafka", network, [*names, PUBLISHER, GATEWAY, *ROUTERS])
        stack.enter_context(broker)
        inboxes = [topic for one in map(inbox_of, BY_INBOX) for topic in (one.topic, one.dead_letters)]
        ensure_topics(AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0}), [*TOPICS, *inboxes])
        _write_entries(broker.bootstrap, folder)
        EventFile(folder / "events").write(seed, events)
        links = {f"{name}>{BROKER}": link for name, link in broker.links.items()}
        if isinstance(server, ClickHouseServer):
            links |= {f"{name}>{WAREHOUSE}": network.link(port_of(server)) for name in names}
        port = free_port()
        cast = Cast(
            broker,
            server,
            tuple(_worker(name, folder, server, links) for name in names),
            _publisher(folder, links[f"{PUBLISHER}>{BROKER}"], events, port),
            _entrance(GATEWAY, "gateway", folder, links, GATEWAY_PORT=port, GATEWAY_METRICS_PORT=0),
            tuple(_router(name, folder, links) for name in ROUTERS),
            links,
            disk,
            folder / "acknowledged",
            folder / "leash",
        )
        for member in cast.members:
            stack.callback(member.kill)
        yield cast


def _write_entries(bootstrap: str, folder: Path) -> None:
    """The publishers that have a way of their own; the tokens of those that go through the gateway, in a file."""
    settings = read_settings(kafka=bootstrap, home=folder)
    tokens = {}
    for name in (*BY_GATEWAY, *BY_INBOX):
        entry = new_publisher(name, "platform", QUOTA_MOST)
        if name in BY_GATEWAY:
            entry, tokens[name] = entry.with_token("faults")
        write_publisher(settings, entry)
    with os.fdopen(os.open(folder / "tokens", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        json.dump(tokens, file)


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
    return Member(name, _command("worker", settings), folder)


def _router(name: str, folder: Path, links: Mapping[str, Link]) -> Member:
    own = {"ROUTER_GROUP": ROUTER_GROUP, "ROUTER_LEASE_SECONDS": _LEASE_S, "ROUTER_METRICS_PORT": 0}
    return _entrance(name, "router", folder, links, **own)


def _entrance(name: str, command: str, folder: Path, links: Mapping[str, Link], **settings: object) -> Member:
    kafka = f"{HOST}:{links[f'{name}>{BROKER}'].port}"
    settings |= {"KAFKA": kafka, "HOME": folder / name}
    return Member(name, _command(command, settings), folder, ends_by_lease=command == "router")


def _command(command: str, settings: Mapping[str, object]) -> list[str]:
    variables = [f"DOMPET_{setting}={value}" for setting, value in settings.items()]
    return ["/usr/bin/env", *variables, sys.executable, "-m", "dompet.streams.cli", command]


def _publisher(folder: Path, link: Link, events: int, gateway_port: int) -> Member:
    options = {
        "bootstrap-servers": f"{HOST}:{link.port}",
        "topic": TOPICS.log.name,
        "count": events,
        "events": folder / "events",
        "acknowledged": folder / "acknowledged",
        "leash": folder / "leash",
        "gateway": f"http://{HOST}:{gateway_port}",
        "tokens": folder / "tokens",
    }
    root = Path(__file__).parents[2]
    given = [f"--{name}={value}" for name, value in options.items()]
    command = [f"PYTHONPATH={root}", sys.executable, "-m", "tests.faults.publishing", *given]
    return Member(PUBLISHER, ["/usr/bin/env", *command], folder)
