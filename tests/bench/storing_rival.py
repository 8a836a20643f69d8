"""The rival that stores: Kafka Streams, exactly once, into a topic of journal rows, and Kafka Connect from there into a
server. Both run at once, each as a process of its own.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clickhouse_driver import Client
from confluent_kafka import ConsumerGroupState
from confluent_kafka.admin import AdminClient

from dompet.infra.child import Child
from dompet.infra.ports import HOST, free_port
from dompet.projections.columns import COLUMNS
from dompet.schemas.topics import Topic
from dompet.streams.kafka.topics import ensure_topics
from tests.bench.contestants import java, streams
from tests.bench.processes import LIMIT_S, ROOT, BenchError, peak_bytes
from tests.bench.publish import Log
from tests.support.clickhouse import USER, ClickHouseServer

DATABASE: Final = "rival"
_OF_OTHER_TYPES: Final = frozenset(
    {
        *("session", "present", "rating", "officer_id", "note", "survey_no", "payout_id", "channel", "sanction"),
        *("clawback_id", "repayment_id", "incentive_due_change", "incentive_paid_change"),
        *("clawback_ordered_change", "clawback_repaid_change", "entitled_after", "held_after"),
        *("incentive_due_after", "incentive_paid_after", "payout_failures_after", "surveys_after"),
        *("clawback_ordered_after", "clawback_repaid_after", "order_redeemed_at_us", "order_sessions"),
        *("order_attended", "order_reviewed_at_us", "order_rating", "order_cleared"),
    }
)
STORED: Final = tuple(column.name for column in COLUMNS if column.name not in _OF_OTHER_TYPES)
"""The journal's columns that the five types can fill, in the table's order: `JournalRow.java` writes these."""

_PARTITIONS: Final = 12
_LOOK_S: Final = 0.05
_STOP_S: Final = 30.0
_WORKER: Final[Mapping[str, str | int]] = {
    "key.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
    "value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
    "plugin.discovery": "service_load",
    "offset.flush.interval.ms": 10_000,
    "consumer.isolation.level": "read_committed",
    "consumer.max.poll.records": 50_000,
    "consumer.fetch.min.bytes": 4 << 20,
    "consumer.fetch.max.wait.ms": 250,
    "consumer.max.partition.fetch.bytes": 8 << 20,
    "consumer.fetch.max.bytes": 64 << 20,
}
"""Connect's settings: rows as they are, only committed ones, in large batches."""
_TASKS: Final = 2


@dataclass(frozen=True)
class Stored:
    """One run: seconds from the first record that was read to the last row in the server."""

    events: int
    seconds: float
    folding_seconds: float
    peak_bytes: int

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def store(log: Log, server: ClickHouseServer, folder: Path) -> Stored:
    """Fold the whole log into the table `journal_rows` of DATABASE, which is made as dompet's is. Raises BenchError."""
    name = f"journal-{uuid.uuid4().hex}"
    ensure_topics(
        AdminClient({"bootstrap.servers": log.bootstrap, "log_level": 0}),
        [Topic(name, "Journal rows.", _PARTITIONS, {})],
    )
    with Client.from_url(server.url) as client:
        make_table(client)
        with _connect(log, server, name, folder) as connect, _streams(log, name, folder) as fold:
            ended = _when(lambda: _rows(client) >= log.events, (fold, connect), "not every row was stored")
            said = json.loads(next(line for line in fold.last_lines().splitlines() if line.startswith("{")))
            peak = peak_bytes(connect.pid) + peak_bytes(fold.pid)
    return Stored(said["events"], ended - said["first_ns"] / 1e9, said["seconds"], peak)


def make_table(client: Client) -> None:
    """The rival's journal, empty, in a database of its own: the columns and the order of dompet's."""
    client.execute(f"CREATE DATABASE {DATABASE}")
    settings = {"allow_experimental_low_cardinality_type": 1}
    client.execute(f"CREATE TABLE {DATABASE}.journal_rows AS default.journal_rows", settings=settings)


def _rows(client: Client) -> int:
    """How many are stored: the parts' own count, which costs the server next to nothing."""
    ((count,),) = client.execute(f"SELECT sum(rows) FROM system.parts WHERE active AND database = '{DATABASE}'")
    return int(count)


@contextmanager
def _streams(log: Log, topic: str, folder: Path) -> Iterator[Child]:
    child = Child([*streams(log, folder), "--journal", topic], log=folder / "streams.log", cwd=ROOT)
    try:
        yield child
    finally:
        child.stop(_STOP_S)


@contextmanager
def _connect(log: Log, server: ClickHouseServer, topic: str, folder: Path) -> Iterator[Child]:
    """Connect, once its tasks have the topic's partitions."""
    worker = {
        "bootstrap.servers": log.bootstrap,
        "listeners": f"http://{HOST}:{free_port()}",
        "offset.storage.file.filename": folder / "offsets",
        **_WORKER,
    }
    sink = {
        **{"name": topic, "topics": topic, "tasks.max": _TASKS, "connector.class": "dompet.sink.ClickHouseSink"},
        "clickhouse.url": server.http_url,
        "clickhouse.insert": f"INSERT INTO {DATABASE}.journal_rows ({', '.join(STORED)}) FORMAT RowBinary",
        **{"clickhouse.user": USER, "clickhouse.password": server.password},
    }
    files = _properties(folder / "worker.properties", worker), _properties(folder / "sink.properties", sink)
    main = java("kafka-connect", "org.apache.kafka.connect.cli.ConnectStandalone")
    child = Child([*main, *files], log=folder / "connect.log", cwd=ROOT)
    try:
        admin = AdminClient({"bootstrap.servers": log.bootstrap, "log_level": 0})
        _when(lambda: _is_assigned(admin, f"connect-{topic}"), (child,), "Kafka Connect did not start")
        yield child
    finally:
        child.stop(_STOP_S)


def _properties(file: Path, values: Mapping[str, object]) -> Path:
    file.write_text("".join(f"{name}={value}\n" for name, value in values.items()), "utf-8")
    return file


def _is_assigned(admin: AdminClient, group: str) -> bool:
    found = admin.describe_consumer_groups([group])[group].result()
    partitions = sum(len(member.assignment.topic_partitions) for member in found.members)
    return bool(found.state == ConsumerGroupState.STABLE and partitions == _PARTITIONS)


def _when(holds: Callable[[], bool], children: tuple[Child, ...], otherwise: str) -> float:
    """Seconds of the machine's clock when it was asked what then held. Raises BenchError."""
    deadline = time.monotonic() + LIMIT_S
    while (asked := time.monotonic()) < deadline and all(child.running for child in children):
        if holds():
            return asked
        time.sleep(_LOOK_S)
    said = "\n".join(child.last_lines() for child in children)
    raise BenchError(f"{otherwise}; it said:\n{said}")
