"""An inbox whose owner signs in by a certificate: a broker with a listener that asks every client for one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dompet.schemas.topics import inbox_of
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.settings import Settings, read_settings
from tests.streams.client.test_inbox_checking import STEPS, checked, failed, steps
from tests.streams.router.test_rights import DENIED
from tests.support.certificates import Authority, CertifiedBroker
from tests.support.command import Ran, dompet
from tests.support.inboxes import purchase
from tests.support.kafka import JARS
from tests.support.routers import records_of
from tests.support.secure import refusal

pytestmark = pytest.mark.server

NAMES = {"toko-a": "CN=toko-a,O=Toko A", "toko-b": "CN=toko-b,O=Toko d'B"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.of(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def broker(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CertifiedBroker]:
    with CertifiedBroker(authority, home=tmp_path_factory.mktemp("tls"), port=0, libs=JARS) as broker:
        yield broker


@pytest.fixture(scope="module")
def settings(broker: CertifiedBroker) -> Settings:
    found = read_settings(home=broker.home, kafka=broker.bootstrap)
    ensure_topics(admin_client(found), found.topics)
    return found


@pytest.fixture(scope="module")
def owners(authority: Authority, broker: CertifiedBroker, settings: Settings) -> dict[str, dict[str, str]]:
    """How each owner of an inbox reaches the broker."""
    for name, certificate in NAMES.items():
        ran = by_command(settings, "add", name, "--kind", "platform", "--inbox", "--certificate", certificate)
        assert (ran.code, len(ran.out.split())) == (0, 1), ran.err
        assert f"{name} may write dompet.inbox.{name}, by the certificate of {certificate}" in ran.err
    return {name: authority.client(authority.issue(name, certificate)) for name, certificate in NAMES.items()}


def by_command(settings: Settings, *words: str) -> Ran:
    return dompet("publishers", *words, "--home", str(settings.home), cwd=settings.home)


def at(servers: str, client: dict[str, str]) -> dict[str, Any]:
    return {**client, "bootstrap.servers": servers, "log_level": 0}


def test_a_certificates_owner_writes_its_inbox_alone(
    broker: CertifiedBroker, settings: Settings, owners: dict[str, dict[str, str]]
) -> None:
    mine = at(broker.by_certificate, owners["toko-a"])
    key, value = purchase("toko-a", 1)
    assert refusal(mine, "dompet.inbox.toko-a", key, value) is None
    assert [one.value() for one in records_of(settings.kafka_settings(), "dompet.inbox.toko-a")] == [value]
    for topic in ("dompet.inbox.toko-b", "dompet.inbox.toko-a.dead", *(one.name for one in settings.topics)):
        error = refusal(mine, topic, key, value)
        assert error is not None, topic
        assert error.code() == DENIED, f"{topic}: {error}"
    nobody = {name: one for name, one in owners["toko-a"].items() if name in ("security.protocol", "ssl.ca.location")}
    assert refusal(at(broker.by_certificate, nobody), "dompet.inbox.toko-a", limit_s=2) is not None


def test_a_check_of_an_inbox_takes_a_certificate(
    broker: CertifiedBroker, owners: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    mine = owners["toko-a"]
    ran = checked(tmp_path, broker.by_certificate, "toko-a", mine)
    assert (ran.code, steps(ran, "✓ ")) == (0, STEPS), ran.err
    assert "the broker takes the certificate's owner" in ran.err
    said = failed(checked(tmp_path, broker.by_certificate, "toko-b", mine))
    assert said.startswith("inbox: the broker shows the certificate's owner no dompet.inbox.toko-b: "), said
    nowhere = failed(checked(tmp_path, broker.misnamed, "toko-a", mine))
    assert nowhere.startswith("leader: the inbox is on the broker that calls itself 127.0.0.1:1, and nothing "), nowhere


def test_a_removed_publishers_certificate_has_no_right_any_more(
    authority: Authority, broker: CertifiedBroker, settings: Settings
) -> None:
    name, certificate = "toko-gone", "CN=toko-gone"
    assert by_command(settings, "add", name, "--kind", "platform").code == 0
    assert by_command(settings, "inbox", name, "--certificate", certificate).code == 0
    client = at(broker.by_certificate, authority.client(authority.issue(name, certificate)))
    assert refusal(client, inbox_of(name).topic.name) is None
    ran = by_command(settings, "remove", name)
    assert ran.code == 0, ran.err
    error = refusal(client, inbox_of(name).topic.name)
    assert error is not None
    assert error.code() == DENIED


def test_what_is_done_for_a_certificate_is_printed_without_a_password(tmp_path: Path) -> None:
    given = ("publishers", "inbox", "toko", "--print", "--certificate", NAMES["toko-b"])
    ran = dompet(*given, cwd=tmp_path)
    assert [line.split()[0] for line in ran.out.splitlines()] == ["kafka-topics.sh"] * 2 + ["kafka-acls.sh"] * 5
    assert ran.out.count("""'User:CN=toko-b,O=Toko d'"'"'B'""") == 5
    for wrong in ("*", "dompet", "", "CN=a\nb"):
        refused = dompet("publishers", "inbox", "toko", "--print", "--certificate", wrong, cwd=tmp_path)
        assert (refused.code, refused.out) == (2, ""), wrong
    ran = dompet("publishers", "add", "toko", "--kind", "platform", "--certificate", "CN=x", cwd=tmp_path)
    assert (ran.code, ran.complaint) == (2, "--certificate says who writes the inbox: give --inbox, too")
