"""The local Kafka: real, restartable, refused twice on one home, never left behind."""

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from dompet.infra.broker import LocalBroker
from dompet.infra.errors import BrokerError
from dompet.infra.jars import kafka_version
from dompet.schemas.topics import declared_topics
from dompet.streams.kafka.topics import ensure_topics
from tests.support.kafka import JARS
from tests.support.processes import ends_within, kill_the_parent

pytestmark = pytest.mark.server

RUN = (
    "import sys; from pathlib import Path; from dompet.infra.broker import LocalBroker\n"
    "broker = LocalBroker(Path(sys.argv[1]), 0, libs=Path(sys.argv[2])); broker.start()\n"
    "print(broker.pid, flush=True); sys.stdin.read()"
)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dompet kafka ü, ") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def steps() -> list[str]:
    """What the broker of this module said it does."""
    return []


@pytest.fixture(scope="module")
def broker(home: Path, steps: list[str]) -> Iterator[LocalBroker]:
    """A broker of this module, which its tests stop and start, with one topic of one record."""
    leftover = home / "kafka-data.unfinished" / "bootstrap.checkpoint"
    leftover.parent.mkdir()
    leftover.write_text("what a start that was interrupted leaves behind")
    with LocalBroker(home, 0, libs=JARS, progress=steps.append) as broker:
        store_a_record(broker)
        yield broker


def store_a_record(broker: LocalBroker) -> None:
    ensure_topics(AdminClient({"bootstrap.servers": broker.bootstrap}), [declared_topics().catalogue])
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    producer.produce("dompet.catalogue", key=b"key", value=b"kept")
    assert producer.flush(30) == 0


def first_value(broker: LocalBroker) -> bytes | None:
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "reader", "enable.auto.commit": False})
    try:
        consumer.assign([TopicPartition("dompet.catalogue", 0, 0)])
        message = consumer.poll(30)
    finally:
        consumer.close()
    return message.value() if message else None


def test_it_listens_on_the_loopback_address_only(broker: LocalBroker) -> None:
    # A listener on every address would answer on this one too.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", broker.port), timeout=5)


def test_a_topic_that_is_not_declared_is_not_made(broker: LocalBroker) -> None:
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    assert set(admin.list_topics(timeout=10).topics) == {"dompet.catalogue"}
    admin.list_topics("misspelt", timeout=10)
    assert set(admin.list_topics(timeout=10).topics) == {"dompet.catalogue"}


def test_a_second_broker_on_the_same_home_is_refused(broker: LocalBroker, home: Path) -> None:
    with pytest.raises(BrokerError) as refused:
        LocalBroker(home, 0, libs=JARS).start()
    assert str(refused.value) == f"{home} is in use by the Kafka of process {os.getpid()}: stop it first"


def test_a_restart_keeps_cluster_port_and_records(broker: LocalBroker, steps: list[str]) -> None:
    before = (broker.cluster_id, broker.port)
    broker.stop()
    assert broker.pid is None
    broker.start()
    assert (broker.cluster_id, broker.port) == before
    assert first_value(broker) == b"kept"
    assert steps[-1] == f"starting Kafka {kafka_version()} on 127.0.0.1:{broker.port}"


def test_after_a_kill_it_starts_again_and_says_so_if_its_port_was_taken(broker: LocalBroker, steps: list[str]) -> None:
    before = broker.port
    broker.kill()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", before))
        taken.listen()
        broker.start()
    assert broker.port != before
    assert f"port {before}, used the last time, is taken: choosing another" in steps
    assert first_value(broker) == b"kept"


def test_it_dies_with_a_parent_that_is_killed_and_the_home_can_be_used_again(broker: LocalBroker, home: Path) -> None:
    broker.stop()
    pid = kill_the_parent(RUN, home, JARS)
    broker.start()
    assert ends_within(0.1, pid)
    assert first_value(broker) == b"kept"


def test_a_broker_that_ends_while_starting_shows_its_last_words(broker: LocalBroker, home: Path) -> None:
    broker.stop()
    with pytest.raises(BrokerError, match=r"(?s)ended while starting \(exit code 1\), see .*heap"):
        LocalBroker(home, 0, libs=JARS, heap_mb_max=1).start()


def test_a_given_port_that_is_taken_is_refused(broker: LocalBroker, home: Path) -> None:
    broker.stop()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BrokerError, match=f"port {port} is taken"):
            LocalBroker(home, port, libs=JARS).start()


def test_a_home_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BrokerError, match=r"the local Kafka cannot use .*/file/home: Not a directory"):
        LocalBroker(tmp_path / "file" / "home", 0, libs=JARS).start()
