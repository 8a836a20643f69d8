"""`dompet publishers check --inbox` on a broker that is closed, on one that is open, and on none."""

import socket
from pathlib import Path

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs re-export only some of these
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from dompet.infra.broker import LocalBroker
from dompet.schemas.topics import inbox_of
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.rights import make_inbox, new_password
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.settings import Settings, read_settings
from tests.streams.client.test_inbox import asks
from tests.support.command import Ran, dompet
from tests.support.routers import records_of

pytestmark = pytest.mark.server

STEPS = ["connection", "sign-in", "inbox", "leader", "right", "log"]


def checked(folder: Path, servers: str, inbox: str, config: dict[str, str]) -> Ran:
    variables = {f"DOMPET_KAFKA__{name.upper().replace('.', '_')}": one for name, one in config.items()}
    return dompet("publishers", "check", "--inbox", inbox, "--kafka", servers, cwd=folder, variables=variables)


def steps(ran: Ran, sign: str) -> list[str]:
    return [line[2:].partition(":")[0] for line in ran.err.splitlines() if line.startswith(sign)]


def failed(ran: Ran) -> str:
    """The sentence of a check that found a problem: its last line."""
    lines = ran.err.splitlines()
    assert (ran.code, ran.out, lines[-1][:2]) == (2, "", "✗ "), ran.err
    assert all(line.startswith("✓ ") for line in lines[:-1]), ran.err
    return lines[-1][2:]


def made(admin: AdminClient, name: str) -> dict[str, str]:
    """How the owner of a new inbox signs in."""
    assert make_inbox(admin, inbox_of(name))
    return asks(name, new_password(admin, name))


@pytest.fixture(scope="module")
def mine(closed_broker: LocalBroker) -> dict[str, str]:
    """How the owner of the inbox of `checks` signs in."""
    return made(admin_client(read_settings(home=closed_broker.home, kafka=closed_broker.bootstrap)), "checks")


def test_an_inbox_that_may_be_written_passes_and_nothing_is_written(
    closed_settings: Settings, mine: dict[str, str], tmp_path: Path
) -> None:
    ran = checked(tmp_path, str(closed_settings.kafka), "checks", mine)
    assert (ran.code, steps(ran, "✓ "), steps(ran, "✗ ")) == (0, STEPS, []), ran.err
    assert "the broker takes user checks" in ran.err
    assert f"user checks may not write {closed_settings.log_topic} itself" in ran.err
    assert mine["sasl.password"] not in ran.err
    assert records_of(closed_settings.kafka_settings(), "dompet.inbox.checks") == []


def test_a_user_that_the_broker_refuses_is_said_at_the_sign_in(
    closed_settings: Settings, mine: dict[str, str], tmp_path: Path
) -> None:
    servers = str(closed_settings.kafka)
    for wrong in ({"sasl.password": "another"}, {"sasl.username": "nobody"}, {"sasl.mechanism": "PLAIN"}):
        said = failed(checked(tmp_path, servers, "checks", {**mine, **wrong}))
        user = wrong.get("sasl.username", "checks")
        assert said.startswith(f"sign-in: the broker refuses user {user} with this password or mechanism"), said
        assert said.endswith("to what `dompet publishers inbox checks` prints")
    said = failed(checked(tmp_path, servers, "checks", {}))
    assert said.startswith("sign-in: the broker does not answer a client without a user"), said
    ran = checked(tmp_path, servers, "checks", {**mine, "sasl.password": ""})
    assert (ran.code, ran.complaint) == (2, "security.protocol=SASL_PLAINTEXT needs sasl.password, which is not set")
    ran = checked(tmp_path, servers, "checks", {**mine, "security.protocol": "TLS"})
    assert (ran.code, "security.protocol=TLS is none" in ran.complaint) == (2, True), ran.err


def test_an_inbox_of_another_and_one_that_is_not_there_are_said(
    closed_settings: Settings, mine: dict[str, str], tmp_path: Path
) -> None:
    servers, admin = str(closed_settings.kafka), admin_client(closed_settings)
    made(admin, "checks-other")
    for name in ("checks-other", "checks-nobody"):
        said = failed(checked(tmp_path, servers, name, mine))
        why = f"inbox: the broker shows user checks no dompet.inbox.{name}: it is another's, or there is none;"
        assert said.startswith(why), said
        assert f"have `dompet publishers inbox {name}` make it" in said
    gone = made(admin, "checks-gone")
    admin.delete_topics(["dompet.inbox.checks-gone"])["dompet.inbox.checks-gone"].result()
    said = failed(checked(tmp_path, servers, "checks-gone", gone))
    assert said == "inbox: there is no dompet.inbox.checks-gone: have `dompet publishers inbox checks-gone` make it"


def test_a_right_too_few_and_a_right_too_many_are_said(closed_settings: Settings, tmp_path: Path) -> None:
    servers, admin = str(closed_settings.kafka), admin_client(closed_settings)
    reader = made(admin, "checks-reader")
    topic = (ResourceType.TOPIC, "dompet.inbox.checks-reader", ResourcePatternType.LITERAL)
    write = AclBindingFilter(*topic, "User:checks-reader", "*", AclOperation.WRITE, AclPermissionType.ALLOW)
    for answer in admin.delete_acls([write]).values():
        assert answer.result()
    said = failed(checked(tmp_path, servers, "checks-reader", reader))
    assert said.startswith("right: user checks-reader may not write dompet.inbox.checks-reader: have `dompet "), said
    own = closed_settings.client_config()
    said = failed(checked(tmp_path, servers, "checks-reader", own))
    assert said.startswith(f"log: user dompet may also write {closed_settings.log_topic}, past what "), said


def test_a_broker_that_is_away_or_speaks_otherwise_is_said(
    closed_settings: Settings, mine: dict[str, str], tmp_path: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = f"127.0.0.1:{taken.getsockname()[1]}"
        said = failed(checked(tmp_path, away, "checks", mine))
        assert said.startswith(f"connection: no Kafka broker that speaks SASL_PLAINTEXT answers at {away}: "), said
        assert checked(tmp_path, f"{away},{closed_settings.kafka}", "checks", mine).code == 0
    servers = str(closed_settings.kafka)
    said = failed(checked(tmp_path, servers, "checks", {**mine, "security.protocol": "sasl_ssl"}))
    assert said.startswith(f"connection: no Kafka broker that speaks SASL_SSL answers at {servers}: "), said


def test_a_broker_without_users_passes_and_says_who_may_write(
    kafka: str, kafka_admin: AdminClient, tmp_path: Path
) -> None:
    said = failed(checked(tmp_path, kafka, "checks-open", {}))
    assert said == "inbox: there is no dompet.inbox.checks-open: have `dompet publishers inbox checks-open` make it"
    ensure_topics(kafka_admin, [inbox_of("checks-open").topic])
    ran = checked(tmp_path, kafka, "checks-open", {})
    assert (ran.code, steps(ran, "✓ "), steps(ran, "✗ ")) == (0, STEPS, []), ran.err
    assert "a client without a user may write it (nothing was written)" in ran.err


@pytest.mark.parametrize("given", [(), ("toko", "--inbox", "toko")])
def test_a_gateways_name_or_an_inbox_is_given(given: tuple[str, ...], tmp_path: Path) -> None:
    ran = dompet("publishers", "check", *given, "--kafka", "127.0.0.1:1", cwd=tmp_path)
    assert (ran.code, ran.complaint.startswith("give NAME to check its token at a gateway, or --inbox NAME")) == (
        2,
        True,
    )
