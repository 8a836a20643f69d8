"""The light publisher into an inbox, on a broker that is closed and on one that is open."""

import socket
from pathlib import Path

import pytest

from dompet.infra.broker import LocalBroker
from dompet.schemas.errors import DompetError
from dompet.schemas.wire import decode
from dompet.streams.client import Inbox, NotLetIn, Publisher
from dompet.streams.client.inbox import SettingUnknown
from dompet.streams.settings import Settings
from tests.streams.client.test_gateway import review
from tests.support.command import dompet
from tests.support.kafka_python import KafkaProducer
from tests.support.routers import records_of
from tests.support.secure import as_user

assert KafkaProducer  # kafka-python is loaded where its deprecations are let be


def asks(user: str, password: str) -> dict[str, str]:
    """How a publisher reaches a closed broker, in the names that dompet's settings have."""
    config = as_user("", user, password)
    return {name: config[name] for name in config if name.startswith(("sasl.", "security."))}


def test_a_publisher_writes_its_own_inbox_and_no_other(
    closed_broker: LocalBroker, closed_settings: Settings, tmp_path: Path
) -> None:
    home, servers = str(closed_settings.home), closed_broker.bootstrap
    passwords = []
    for name in ("light-one", "light-two"):
        ran = dompet("publishers", "add", name, "--kind", "platform", "--inbox", "--home", home, cwd=tmp_path)
        assert ran.code == 0, ran.err
        passwords.append(ran.out.split()[1])
    with Publisher(Inbox(servers, "light-one", asks("light-one", passwords[0]))) as publisher:
        for number in range(1_200):
            publisher.publish(review(number, "light-one"))
    assert publisher.acknowledged == 1_200
    there = records_of(closed_settings.kafka_settings(), "dompet.inbox.light-one")
    assert [decode(one.value())[1]["event_id"] for one in there] == list(map(str, range(1_200)))
    assert {one.key() for one in there} == {f"b-{number}".encode() for number in range(7)}
    refused = by_command(tmp_path, servers, "light-two", "light-one", passwords[0])
    assert "shows this user no dompet.inbox.light-two: it is another's, or there is none" in refused
    assert "`dompet publishers check --inbox light-two` says more" in refused
    wrong = by_command(tmp_path, servers, "light-one", "light-one", "another-password")
    assert "it refuses sasl.username with this password" in wrong


def by_command(folder: Path, servers: str, inbox: str, user: str, password: str) -> str:
    """The sentence of a command that is not let in; kafka-python leaves its sockets open where it is refused."""
    variables = {f"DOMPET_KAFKA__{name.upper().replace('.', '_')}": one for name, one in asks(user, password).items()}
    ran = dompet("publish", "-", "--inbox", inbox, "--kafka", servers, cwd=folder, variables=variables)
    assert ran.code == 2
    assert password not in ran.err
    return ran.complaint


def test_where_there_is_no_inbox_or_no_broker_it_is_one_sentence(kafka: str, tmp_path: Path) -> None:
    with pytest.raises(NotLetIn, match=r"there is no dompet\.inbox\.nobody-here: `dompet publishers inbox` makes one"):
        Publisher(Inbox(kafka, "nobody-here"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        away = dompet("publish", "-", "--inbox", "toko", "--kafka", place, cwd=tmp_path)
    assert (away.code, away.complaint.startswith(f"no Kafka broker answers at {place}: ")) == (2, True)
    with pytest.raises(DompetError, match="an inbox is for an id of"):
        Inbox(kafka, "a/b")


def test_a_setting_that_the_client_would_not_keep_to_is_refused() -> None:
    with pytest.raises(
        SettingUnknown, match=r"socket\.timeout\.ms is no setting that publishing into an inbox keeps to"
    ):
        Inbox("127.0.0.1:1", "toko", {"socket.timeout.ms": "1"})
