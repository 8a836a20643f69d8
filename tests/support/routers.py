"""Inboxes and routers of a test: topics of their own, and `dompet router` as a process."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from dompet.infra.ports import free_port
from dompet.schemas.topics import Inbox, declared_topics, inbox_of
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.publishers.entries import new_publisher
from dompet.streams.publishers.topic import write_publisher
from dompet.streams.settings import read_settings
from tests.support.command import ForkedProcess

_ROOT = Path(__file__).parents[2]
LIMIT_S = 90.0
LEASE_S = 3


@dataclass
class RouterProcess:
    """A router that runs."""

    process: ForkedProcess
    port: int
    said: Path
    stopped: bool = False

    def health(self) -> dict[str, Any]:
        """What it says of itself; nothing while it does not answer."""
        with suppress(OSError, ValueError):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                    return dict(json.loads(answer.read()))
            except urllib.error.HTTPError as error:
                with error:
                    return dict(json.loads(error.read()))
        return {}

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.process.pid, number)

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code after this signal."""
        self.process.send_signal(by)
        return self.process.wait(LIMIT_S)


@dataclass
class Routing:
    """A log of its own, inboxes, and the routers between them."""

    kafka: str
    admin: AdminClient
    folder: Path
    log: str
    inboxes: dict[str, Inbox]
    group: str
    variables: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def router(self, **settings: object) -> Iterator[RouterProcess]:
        """A router of the group, killed at the end where it still runs."""
        port, said = free_port(), self.folder / f"{uuid.uuid4()}.said"
        given = {
            "kafka": self.kafka,
            "home": self.folder,
            "log_topic": self.log,
            "router_group": self.group,
            "router_publishers": ",".join(self.inboxes),
            "router_metrics_port": port,
            "router_lease_seconds": LEASE_S,
            **settings,
        }
        variables = {f"DOMPET_{name.upper()}": str(value) for name, value in given.items()} | dict(self.variables)
        environment = {**os.environ, **variables}
        with said.open("w") as err, open(os.devnull, "r+") as nothing:  # noqa: PTH123
            process = ForkedProcess(("router",), _ROOT, environment, (nothing, nothing, err))
        run = RouterProcess(process, port, said)
        try:
            yield run
        finally:
            process.kill()

    def on_log(self) -> list[Any]:
        """All records of the log, by partition in its order."""
        return records_of(self.kafka, self.log)

    def dead(self, publisher: str) -> list[Any]:
        """The dead letters of an inbox."""
        return records_of(self.kafka, self.inboxes[publisher].dead_letters.name)

    def origins(self) -> Counter[tuple[str, int, int]]:
        """How often each place of an inbox is on the log."""
        return Counter(origin_of(one) for one in self.on_log())

    def assert_whole(self) -> None:
        """Every record of the inboxes is on the log or among the dead letters, there once, and each person's are in the
        order of the inbox.
        """
        there = {
            (one.topic(), one.partition(), one.offset())
            for inbox in self.inboxes.values()
            for one in records_of(self.kafka, inbox.topic.name, committed=True)
        }
        dead = {place for name in self.inboxes for place in map(letter_place, self.dead(name))}
        found = [one for one in self.on_log() if "dompet.origin.topic" in dict(one.headers() or ())]
        places = Counter(map(origin_of, found))
        assert {place: count for place, count in places.items() if count > 1} == {}
        assert places.keys() | dead == there
        assert not places.keys() & dead
        last: dict[Any, int] = {}
        for one in found:
            topic, partition, offset = origin_of(one)
            assert last.get((one.key(), topic, partition), -1) < offset, "a person's order is lost"
            last[one.key(), topic, partition] = offset

    def until_routed(self, count: int, run: RouterProcess | None = None) -> None:
        """Wait until the log and the dead letters hold so many records."""
        topics = [self.log, *(one.dead_letters.name for one in self.inboxes.values())]
        until(lambda: sum(map(self._count, topics)) >= count, run)

    def until_settled(self, run: RouterProcess | None = None) -> None:
        """Wait until all that is in the inboxes is committed as settled."""
        until(lambda: all(settled >= end for settled, end in self._progress() or [(0, 1)]), run)

    def settled(self) -> int:
        """How many records of the inboxes are committed as settled."""
        return sum(settled for settled, _ in self._progress())

    def _progress(self) -> list[tuple[int, int]]:
        """How far each partition of the inboxes is settled, and its end; nothing while the broker does not say."""
        consumer = Consumer({"bootstrap.servers": self.kafka, "group.id": self.group, "log_level": 0})
        found = []
        try:
            for inbox in self.inboxes.values():
                name = inbox.topic.name
                for partition in consumer.list_topics(name, timeout=10).topics[name].partitions:
                    place = TopicPartition(name, partition)
                    _, end = consumer.get_watermark_offsets(place, timeout=10)
                    [committed] = consumer.committed([place], timeout=10)
                    found.append((max(committed.offset, 0), end))
            return found
        except KafkaException:  # it has just begun to coordinate groups
            return []
        finally:
            consumer.close()

    def _count(self, topic: str) -> int:
        consumer = Consumer({"bootstrap.servers": self.kafka, "group.id": "counts", "log_level": 0})
        try:
            numbers = consumer.list_topics(topic, timeout=10).topics[topic].partitions
            return sum(consumer.get_watermark_offsets(TopicPartition(topic, one), timeout=10)[1] for one in numbers)
        finally:
            consumer.close()


@contextmanager
def routing(
    kafka: str, admin: AdminClient, folder: Path, *, publishers: Sequence[str] = ("platform",), partitions: int = 1
) -> Iterator[Routing]:
    """A log and inboxes, whose publishers' names have a mark of their own behind them."""
    mark = uuid.uuid4().hex[:8]
    topics = declared_topics(log=f"test-{mark}")
    names = [f"{name}-{mark}" for name in publishers]
    inboxes = {name: inbox_of(name) for name in names}
    made = [topics.log, topics.dead_letters]
    for inbox in inboxes.values():
        made += [replace(inbox.topic, partitions=partitions), inbox.dead_letters]
    ensure_topics(admin, made)
    settings = read_settings(kafka=kafka, home=folder)
    for name in names:
        write_publisher(settings, new_publisher(name, "platform"))
    yield Routing(kafka, admin, folder, topics.log.name, inboxes, f"routers-{mark}")
    for deleted in admin.delete_topics([topic.name for topic in made]).values():
        deleted.result()


def letter_place(message: Any) -> tuple[str, int, int]:
    """Where a dead letter came from."""
    said = dict(message.headers())
    topic, *numbers = (said[f"__connect.errors.{name}"].decode() for name in ("topic", "partition", "offset"))
    return (topic, int(numbers[0]), int(numbers[1]))


def records_of(kafka: str | Mapping[str, Any], topic: str, *, committed: bool = False) -> list[Any]:
    """All records of a topic, by partition; `committed`: without those of aborted transactions."""
    client = {"bootstrap.servers": kafka} if isinstance(kafka, str) else kafka
    consumer = Consumer(
        {
            "group.id": "reads",
            **client,
            "enable.partition.eof": True,
            "isolation.level": "read_committed" if committed else "read_uncommitted",
            "log_level": 0,
        }
    )
    try:
        numbers = list(consumer.list_topics(topic, timeout=10).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, one, 0) for one in numbers])
        found, ended = [], 0
        while ended < len(numbers):
            for message in consumer.consume(10_000, 0.2):
                error = message.error()
                if error is None:
                    found.append(message)
                else:
                    assert error.code() == KafkaError._PARTITION_EOF, error
                    ended += 1
        return sorted(found, key=lambda one: (one.partition() or 0, one.offset() or 0))
    finally:
        consumer.close()


def origin_of(message: Any) -> tuple[str, int, int]:
    """Where a record of the log came from: topic, partition and offset."""
    headers = dict(message.headers() or ())
    return (
        headers["dompet.origin.topic"].decode(),
        int(headers["dompet.origin.partition"]),
        int(headers["dompet.origin.offset"]),
    )


def until(holds: Callable[[], bool], run: RouterProcess | None = None) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < deadline, run.said.read_text() if run else "it did not come"
        if run is not None and run.process.poll() is not None:
            raise AssertionError(f"it ended by itself: {run.said.read_text()}")
        time.sleep(0.1)
