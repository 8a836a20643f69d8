"""No sentence and no log line shows a secret that the process knows."""

import logging
import stat
import sys
from pathlib import Path

import pytest

from dompet.streams.process.files import owner_only
from dompet.streams.process.log_lines import LineFormatter
from dompet.streams.process.secrets import redacted, remember_secrets
from dompet.streams.settings import read_settings
from dompet.streams.settings.checks import without_secrets
from tests.support.command import dompet

PASSWORD = "Rahasia-42"  # noqa: S105


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"clickhouse://ani:{PASSWORD}@host:9000/db?secure=1", "clickhouse://***@host:9000/db"),
        (f"clickhouse://ani:{PASSWORD}:9000/db", "clickhouse://***"),
        (f"clickhouse://ani:{PASSWORD}#@host/db", "clickhouse://***"),
        (f"clickhouse://ani:{PASSWORD}/@host/db", "clickhouse://***"),
        (f"ani:{PASSWORD}@broker:9092", "***@broker:9092"),
        ("broker:9092, other:9092", "broker:9092, other:9092"),
        ("chdb:///srv/dompet/warehouse", "chdb:///srv/dompet/warehouse"),
    ],
)
def test_an_address_is_shown_without_its_password_or_not_at_all(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


@pytest.mark.server
@pytest.mark.parametrize("url", [f"clickhouse://ani:{PASSWORD}:9000/db", f"clickhouse://ani:{PASSWORD}#@host:x/db"])
def test_a_wrong_address_is_refused_without_its_password(url: str, tmp_path: Path) -> None:
    ran = dompet("check", cwd=tmp_path, variables={"DOMPET_WAREHOUSE": url})
    assert ran.code == 2
    assert PASSWORD not in ran.err + ran.out
    assert "clickhouse://***" in ran.err


def test_passwords_of_settings_are_taken_out_of_texts_and_traces() -> None:
    read_settings(kafka_config={"sasl.password": PASSWORD}, warehouse="clickhouse://ani:Kunci-7@host/db")
    remember_secrets(["x"])  # a letter would spoil every word
    assert redacted(f"sasl {PASSWORD}, Kunci-7, x, http://a:b@c/d") == "sasl ***, ***, x, http://***@c/d"
    try:
        raise ValueError(PASSWORD)
    except ValueError:
        record = logging.LogRecord("dompet", logging.ERROR, "", 1, "said %s\x1b[2J", (PASSWORD,), sys.exc_info())
    line = LineFormatter().format(record)
    assert PASSWORD not in line
    assert "said ***\\x1b[2J" in line
    assert "ValueError: ***" in line


@pytest.mark.server
def test_a_password_is_not_shown_even_where_everything_else_is(tmp_path: Path) -> None:
    settings = {"DOMPET_KAFKA": "127.0.0.1:1", "DOMPET_KAFKA__SASL_PASSWORD": PASSWORD, "DOMPET_DEBUG": "1"}
    settings |= {"DOMPET_KAFKA__SECURITY_PROTOCOL": "SASL_PLAINTEXT", "DOMPET_KAFKA__SASL_MECHANISM": "PLAIN"}
    ran = dompet("topics", cwd=tmp_path, variables={"DOMPET_KAFKA__SASL_USERNAME": "ani", **settings})
    assert ran.code == 2
    assert PASSWORD not in ran.err + ran.out


@pytest.mark.server
def test_local_data_is_its_owners(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    assert dompet("migrate", cwd=tmp_path, variables={"DOMPET_HOME": str(home)}).code == 0
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (home, *home.rglob("*")) if not path.is_symlink()}
    assert modes == {0}


def test_a_folder_that_is_not_there_or_not_ours_is_left(tmp_path: Path) -> None:
    owner_only(tmp_path / "none")
    assert not (tmp_path / "none").exists()
