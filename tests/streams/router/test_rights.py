"""On a closed broker a publisher writes its own inbox and nothing else, and dompet's processes go on as before."""

import json
import stat
from pathlib import Path

from confluent_kafka import KafkaError, Producer
from confluent_kafka.admin import AdminClient

from dompet.infra.broker import LocalBroker
from dompet.streams.kafka.admin import admin_client
from dompet.streams.settings import Settings
from tests.support.command import dompet
from tests.support.inboxes import purchase
from tests.support.routers import Routing, records_of, until
from tests.support.secure import as_user, refusal

DENIED = KafkaError.TOPIC_AUTHORIZATION_FAILED


def added(settings: Settings, name: str, folder: Path) -> str:
    """The password of a publisher that has an inbox from now on."""
    ran = dompet("publishers", "add", name, "--kind", "platform", "--inbox", "--home", str(settings.home), cwd=folder)
    assert ran.code == 0, ran.err
    _, password = ran.out.split()
    return password


def test_a_publisher_writes_its_inbox_alone(closed_settings: Settings, tmp_path: Path) -> None:
    settings, servers = closed_settings, str(closed_settings.kafka)
    one, two = (added(settings, name, tmp_path) for name in ("first", "second"))
    mine = as_user(servers, "first", one)
    key, value = purchase("first", 1)
    assert refusal(mine, "dompet.inbox.first", key, value) is None
    topics = [topic.name for topic in settings.topics]
    for topic in [*topics, "dompet.inbox.second", "dompet.inbox.first.dead", "__consumer_offsets"]:
        error = refusal(mine, topic, key, value)
        assert error is not None, topic
        assert error.code() in (DENIED, KafkaError.UNKNOWN_TOPIC_OR_PART), f"{topic}: {error}"
    for wrong in (as_user(servers, "first", two), as_user(servers, "nobody", one), as_user(servers, "dompet", one)):
        assert refusal(wrong, "dompet.inbox.first", limit_s=2) is not None
    assert refusal({"bootstrap.servers": servers, "log_level": 0}, "dompet.inbox.first", limit_s=2) is not None
    client = {**mine, "transactional.id": "dompet.inbox.first/1"}
    producer = Producer(client)
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce("dompet.inbox.first", value, key)
    producer.commit_transaction(30)


def test_a_name_that_no_inbox_can_have_makes_no_entry(closed_settings: Settings, tmp_path: Path) -> None:
    home = ("--home", str(closed_settings.home))
    ran = dompet("publishers", "add", "Toko Pedia!", "--kind", "platform", "--inbox", *home, cwd=tmp_path)
    assert ran.code == 2
    assert ran.complaint.startswith("publisher 'Toko Pedia!': an inbox is for an id of ")
    assert "Toko Pedia!" not in dompet("publishers", "list", *home, cwd=tmp_path).out


def test_the_router_goes_on_with_the_homes_own_password(closed_settings: Settings, tmp_path: Path) -> None:
    settings, servers = closed_settings, str(closed_settings.kafka)
    password = added(settings, "third", tmp_path)
    client = as_user(servers, "third", password)
    sent = [purchase("third", number, number) for number in range(5)]
    for record in [*sent, purchase("first", 9)]:
        assert refusal(client, "dompet.inbox.third", *record) is None
    admin = admin_client(settings)
    run = Routing(servers, admin, settings.home, settings.log_topic, {"third": None}, "routers")  # type: ignore[dict-item]
    with run.router() as router:
        until(lambda: router.health().get("routed") == 5 and router.health()["refused"] == 1, router)
        assert router.end() == 0, router.said.read_text()
    own = settings.kafka_settings()
    assert sorted(one.value() for one in records_of(own, settings.log_topic)) == sorted(value for _, value in sent)
    # What was refused of it a publisher reads itself.
    reading = {**client, "group.id": "dompet.inbox.third/reads"}
    assert [one.value() for one in records_of(reading, "dompet.inbox.third.dead")] == [purchase("first", 9)[1]]


def test_a_publisher_that_is_removed_has_no_user_any_more(closed_settings: Settings, tmp_path: Path) -> None:
    settings = closed_settings
    password = added(settings, "fourth", tmp_path)
    client = as_user(str(settings.kafka), "fourth", password)
    assert refusal(client, "dompet.inbox.fourth") is None
    ran = dompet("publishers", "remove", "fourth", "--home", str(settings.home), cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert refusal(client, "dompet.inbox.fourth", limit_s=2) is not None


def test_what_an_administrator_would_do_is_printed_and_nothing_is_done(
    kafka: str, kafka_admin: AdminClient, tmp_path: Path
) -> None:
    ran = dompet("publishers", "inbox", "fifth", "--print", "--kafka", kafka, cwd=tmp_path)
    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert [line.split()[0] for line in lines] == ["kafka-topics.sh"] * 2 + ["kafka-configs.sh"] + ["kafka-acls.sh"] * 5
    assert all(f"--bootstrap-server {kafka}" in line for line in lines)
    assert "dompet.inbox.fifth" not in kafka_admin.list_topics(timeout=10).topics
    for name in ("dompet", "dompet-broker", "a b", "a.dead"):
        assert dompet("publishers", "inbox", name, "--print", cwd=tmp_path).code == 2


def test_secrets_are_the_owners_alone_and_in_no_log(closed_broker: LocalBroker) -> None:
    names = ("kafka.secrets.json", "kafka-client.properties", "kafka.properties")
    for name in names:
        assert stat.S_IMODE((closed_broker.home / name).stat().st_mode) == 0o600
    passwords = json.loads((closed_broker.home / names[0]).read_text()).values()
    said = closed_broker.log.read_text()
    assert not any(password in said for password in passwords)
