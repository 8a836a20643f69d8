"""Settings: who decides, what is refused and how that is reported, and that no secret is ever shown."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from dompet.schemas.rules import read_rules
from dompet.streams.settings import read_settings
from tests.support.settings import SECRET, folder, refusal, write

__all__ = ["folder"]


def test_nothing_needs_to_be_set(folder: Path) -> None:
    settings = read_settings()
    assert settings.home == folder / ".dompet"
    assert settings.warehouse == f"chdb://{folder}/.dompet/warehouse"
    assert settings.warehouse_folder == folder / ".dompet" / "warehouse"
    assert (settings.kafka, settings.kafka_settings()) == (None, {})
    assert (settings.log_topic, settings.group, settings.web_port) == ("dompet.events", "dompet", 6066)
    assert settings.rulebook().digest() == read_rules().digest()


def test_a_flag_decides_before_the_environment_before_the_file_before_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write('group = "file"\nlog_topic = "file"\nbatch = 3')
    monkeypatch.setenv("DOMPET_GROUP", "environment")
    monkeypatch.setenv("DOMPET_LOG_TOPIC", "environment")
    settings = read_settings(group="flag", log_topic=None)
    assert (settings.group, settings.log_topic, settings.batch, settings.web_port) == ("flag", "environment", 3, 6066)


def test_an_empty_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOMPET_WEB_PORT", "")
    assert read_settings().web_port == 6066


def test_any_setting_of_librdkafka_can_be_given_by_variable_and_by_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        '[kafka]\nbootstrap.servers = "a:1,b:2"\n"security.protocol" = "SASL_SSL"\nsasl.username = "file"\n'
        "socket.timeout.ms = 5000\nenable.ssl.certificate.verification = false"
    )
    monkeypatch.setenv("DOMPET_KAFKA__SASL_USERNAME", "variable")
    monkeypatch.setenv("DOMPET_KAFKA__SASL_PASSWORD", SECRET)
    assert read_settings().kafka_settings() == {
        "bootstrap.servers": "a:1,b:2",
        "security.protocol": "SASL_SSL",
        "socket.timeout.ms": "5000",
        "enable.ssl.certificate.verification": "false",
        "sasl.username": "variable",
        "sasl.password": SECRET,
    }


def test_the_servers_alone_need_no_table() -> None:
    write('kafka = "a:1"')
    assert read_settings().kafka_settings() == {"bootstrap.servers": "a:1"}
    assert read_settings(kafka="[::1]:9092, b.example").kafka == "[::1]:9092,b.example"


@pytest.mark.parametrize(
    "url",
    [
        f"clickhouse://dompet:{quote(SECRET, safe='')}@host:9000/database?secure=1",
        "clickhouses://host/database",
        "chdb:///absolute/path",
    ],
)
def test_a_warehouse_is_embedded_or_a_server_and_shown_without_its_password(url: str) -> None:
    settings = read_settings(warehouse=url)
    assert settings.warehouse == url
    assert "geheim" not in settings.warehouse_shown
    assert settings.warehouse_shown.startswith(url.split("://", maxsplit=1)[0])


def test_no_secret_is_ever_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOMPET_KAFKA__SASL_PASSWORD", SECRET)
    settings = read_settings(kafka="a:1", warehouse=f"clickhouse://dompet:{quote(SECRET, safe='')}@host/x")
    shown = f"{settings} {settings!r} {[settings]} {settings.changed(group='x')}"
    assert "geheim" not in shown
    assert "sasl.password" in shown


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"kafka": "host:0"}, "--kafka is 'host:0': it must be host:port, or several with commas between them"),
        ({"kafka": "a:1,,b:1"}, "--kafka is 'a:1,,b:1': it must be host:port, or several with commas between them"),
        (
            {"kafka": f"u:{SECRET}@host:1"},
            "--kafka is '***@host:1': it must be host:port, or several with commas between them",
        ),
        (
            {"warehouse": f"postgres://u:{SECRET}@host/x"},
            "--warehouse is 'postgres://***': it must be chdb:///absolute/path"
            " or clickhouse://user:password@host:9000/database",
        ),
        (
            {"warehouse": "chdb:relative"},
            "--warehouse is 'chdb:relative': it must be chdb:///absolute/path"
            " or clickhouse://user:password@host:9000/database",
        ),
        (
            {"log_topic": "two words"},
            "--log-topic: topic name 'two words': 1 to 245 letters, digits, '.', '_' and '-' are allowed",
        ),
        ({"web_port": 0}, "--web-port is '0': it must be a port from 1 to 65535"),
        ({"stall_seconds": "soon"}, "--stall-seconds is 'soon': it must be a number of seconds from 1 to 86400"),
        ({"batch": 0}, "--batch is '0': it must be a number of records from 1 to 1000000"),
        ({"group": "a/b"}, "--group is 'a/b': it must be 1 to 200 letters, digits, '.', '_' and '-'"),
    ],
)
def test_a_wrong_flag_is_one_sentence_that_names_it(flags: dict[str, Any], sentence: str) -> None:
    assert refusal(**flags) == sentence


def test_a_wrong_value_is_reported_with_where_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    write("web_port = 70000")
    assert refusal() == "dompet.toml:1: web_port is '70000': it must be a port from 1 to 65535"
    monkeypatch.setenv("DOMPET_WEB_PORT", "web")
    assert refusal() == "DOMPET_WEB_PORT is 'web': it must be a port from 1 to 65535"
    assert refusal(web_port=-1) == "--web-port is '-1': it must be a port from 1 to 65535"


def test_a_folder_that_a_url_cannot_name_is_refused() -> None:
    assert refusal(home="a#b") == "--home is 'a#b': a folder of data can have neither '?' nor '#' in its path"
    assert refusal(warehouse="chdb:///a?b").endswith("a folder of data can have neither '?' nor '#' in its path")


def test_a_file_of_rules_that_does_not_hold_is_refused_with_its_line(folder: Path) -> None:
    assert refusal(rules="none.toml").startswith(f"--rules: {folder}/none.toml: the rules file cannot be read: No such")
    write("programme_publishers = 3", "rules.toml")
    assert refusal(rules="rules.toml").startswith(f"--rules: {folder}/rules.toml:1: programme_publishers")


def test_a_variable_that_is_no_setting_and_read_all_the_same_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOMPET_DEBUG", "1")
    monkeypatch.setenv("DOMPET_WAREHUOSE", "")
    assert read_settings().group == "dompet"


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ("DOMPET_KAFKA_CONFIG", "DOMPET_KAFKA_CONFIG is no setting: give librdkafka's one by one, as "),
        ("DOMPET_KAFKA__BOOTSTRAP_SERVERS", "DOMPET_KAFKA__BOOTSTRAP_SERVERS is no setting: set DOMPET_KAFKA"),
        ("DOMPET_WAREHUOSE", "DOMPET_WAREHUOSE is no setting: did you mean DOMPET_WAREHOUSE?"),
        ("DOMPET_DEBUGS", "DOMPET_DEBUGS is no setting: did you mean DOMPET_DEBUG?"),
        ("dompet_grup", "DOMPET_GRUP is no setting: did you mean DOMPET_GROUP?"),
        ("DOMPET_KAFKA_SASL_PASSWORD", "DOMPET_KAFKA_SASL_PASSWORD is no setting: did you mean DOMPET_KAFKA__SASL_"),
        (
            "DOMPET_X",
            "DOMPET_X is no setting; the settings are DOMPET_ACCEPT_DEAD_UNTIL, DOMPET_ACCEPT_",
        ),
    ],
)
def test_a_variable_that_is_nearly_a_setting_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, variable: str, sentence: str
) -> None:
    monkeypatch.setenv(variable, SECRET)
    assert refusal().startswith(sentence)
