"""docs/operating.md: each command, flag, setting and file that it names is there, and its unit starts a command."""

import configparser
import re
import tomllib
from pathlib import Path

import pytest

from dompet.streams import commands
from dompet.streams.command_line.files import CommandFiles
from dompet.streams.commands.local_child import log_file
from dompet.streams.settings import Settings, read_settings
from dompet.streams.settings.declaration import declared_settings
from tests.support.command import dompet

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "operating.md").read_text("utf-8")
_NAMED = sorted(set(re.findall(r"dompet ((?:dead-letters|access|catalogue|chain) [a-z]+|[a-z]+)(?=[` \n]|$)", PAGE)))
COMMANDS = [named for named in _NAMED if named.split()[0] in set(CommandFiles(commands))]
_OF_USERADD = ("--system", "--home-dir", "--shell")


def test_the_page_names_commands() -> None:
    assert {"worker", "engine", "serve", "broker", "status", "access rotate", "dead-letters list"} <= set(COMMANDS)
    code = re.findall(r"`(?:/opt/dompet/bin/)?dompet ([a-z-]+)", PAGE)
    assert set(code) <= set(CommandFiles(commands)), "each `dompet X` of the page is a command"


@pytest.mark.server
@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_that_is_named_is_there(command: str, tmp_path: Path) -> None:
    ran = dompet(*command.split(), "--help", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")


def test_each_setting_that_is_named_is_declared() -> None:
    variables = {one.variable for one in declared_settings().values()}
    named = set(re.findall(r"DOMPET_[A-Z_]+", PAGE))
    assert {one for one in named if not one.startswith("DOMPET_KAFKA__")} <= variables
    flags = {f"--{name.replace('_', '-')}" for name in declared_settings()}
    given = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE))
    assert given - {"--until-end", "--json", "--help", "--query", *_OF_USERADD} <= flags


def test_the_file_of_settings_is_read(tmp_path: Path) -> None:
    text = re.search(r"^```toml\n(.*?)^```$", PAGE, re.M | re.S)
    assert text
    file = tmp_path / "dompet.toml"
    file.write_text(text[1])
    settings: Settings = read_settings(config=file)
    assert {name: str(getattr(settings, name)) for name in tomllib.loads(text[1])} == {
        "home": "/var/lib/dompet",
        "kafka": "broker-1:9092,broker-2:9092",
        "progress_seconds": "300.0",
    }


def unit() -> str:
    found = re.search(r"^```ini\n(.*?)^```$", PAGE, re.M | re.S)
    assert found
    return found[1]


def test_the_unit_starts_a_command_as_the_user_with_the_settings() -> None:
    parts = configparser.ConfigParser(interpolation=None)
    parts.optionxform = str  # type: ignore[assignment,method-assign]
    parts.read_string(unit())
    service = parts["Service"]
    assert service["ExecStart"].removeprefix("/opt/dompet/bin/dompet ") in set(CommandFiles(commands))
    assert (service["User"], service["WorkingDirectory"]) == ("dompet", "/var/lib/dompet")
    assert service["Environment"].partition("=")[0] == "DOMPET_CONFIG"
    assert set(re.findall(r"`/opt/dompet/bin/dompet ([a-z]+)`", PAGE)) == {"broker", "engine", "worker", "serve"}


def test_files_of_the_home_that_are_named_are_those_that_are_made() -> None:
    code = "\n".join(file.read_text("utf-8") for layer in ("streams", "infra") for file in (ROOT / layer).rglob("*.py"))
    for name in ("kafka.log", "web.secret"):
        assert f"`{name}`" in PAGE
        assert f'"{name}"' in code, name
    for command in ("engine", "serve"):
        assert f"`{log_file(Path(), command)}`" in PAGE
