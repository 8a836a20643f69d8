"""`pip install dompet` alone: a publisher's part, small and pure Python, that publishes by a gateway or an inbox."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from confluent_kafka.admin import AdminClient

from tests.streams.gateway.conftest import gateway, toko
from tests.support.gateway import Gateway, review
from tests.support.routers import routing
from tests.support.wheels import Light, light, wheel

pytestmark = pytest.mark.server

__all__ = ["gateway", "light", "toko", "wheel"]

BYTES_MOST: Final = 30_000_000
INSTALLED: Final = {"dompet", "kafka-python"}
LIGHT_COMMANDS: Final = {"publish", "publishers check"}

LOADED: Final = """
import sys
of_the_interpreter = set(sys.modules)
{program}
new = {{name: sys.modules[name] for name in set(sys.modules) - of_the_interpreter}}
installed = {{name for name, one in new.items() if "site-packages" in str(getattr(one, "__file__", ""))}}
print(*sorted({{name.partition(".")[0] for name in installed}}))
"""
PROGRAM: Final = """
from dompet.schemas.events import CourseReviewed
from dompet.streams.client import Gateway, Publisher
event = CourseReviewed(
    event_id="by-a-program", beneficiary_id="b-7f3a90c2", publisher_id={name!r}, occurred_at=1_586_592_000_000_000,
    platform_id={name!r}, order_id="INV/1", rating=5,
)
with Publisher(Gateway({url!r}, {token!r})) as publisher:
    publisher.publish(event)
assert publisher.acknowledged == 1
"""
EVERY_COMMAND: Final = """
import contextlib, io, json
from dompet.streams import commands
from dompet.streams.client.command_line import run
from dompet.streams.client.listing import listed
from dompet.streams.command_line.endings import as_code

def ended(*arguments):
    err = io.StringIO()
    with contextlib.redirect_stderr(err):
        return as_code(run, arguments, commands), err.getvalue()

print(json.dumps({one.words: ended(*one.words.split(), "x") for one in listed(commands)}))
"""


def lines(*events: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(one).encode() for one in events)


def test_it_is_small_and_pure_python(light: Light) -> None:
    assert light.distributions() == INSTALLED
    files = [path for path in light.packages.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= BYTES_MOST
    assert [path for path in files if path.suffix in (".so", ".pyd", ".dylib")] == []


def test_the_publisher_loads_no_library_at_all(light: Light) -> None:
    program = LOADED.format(program="from dompet.streams.client import Gateway, Inbox, Publisher")
    ran = light.python("-c", program)
    assert (ran.returncode, ran.stdout.split()) == (0, [b"dompet"]), ran.stderr


def test_a_command_whose_extra_is_not_installed_names_it_and_the_help_page_lists_all(light: Light) -> None:
    page = light.dompet("--help")
    assert page.returncode == 0
    ran = light.python("-c", EVERY_COMMAND)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert len(found) > 50
    assert [words for words in found if f"\n  {words} " not in page.stdout.decode()] == []
    for words in found.keys() - LIGHT_COMMANDS:
        extra = "web" if words in ("serve", "up") else "pipeline"
        sentence = f"dompet: `dompet {words}` needs dompet[{extra}]: pip install 'dompet[{extra}]'\n"
        assert found[words] == [2, sentence]
    straight = light.dompet("publish", "-")
    assert straight.returncode == 2
    assert straight.stderr.startswith(b"dompet: `dompet publish` without --gateway or --inbox needs dompet[pipeline]: ")
    assert light.dompet("--version").stdout.startswith(b"dompet 0.")
    assert b"--token-file FILE" in light.dompet("publish", "--help").stdout
    for wrong in (["publish"], ["publish", "-", "--on-error", "x"], ["nothing"], ["publish", "-", "--config", "none"]):
        refused = light.dompet(*wrong)
        assert (refused.returncode, refused.stderr.count(b"\n"), refused.stderr[:8]) == (2, 1, b"dompet: "), wrong


def test_it_publishes_through_a_gateway(light: Light, gateway: Gateway, toko: tuple[str, str], tmp_path: Path) -> None:
    name, token = toko
    (tmp_path / "token").write_text(f"{token}\n")
    where = ("--gateway", gateway.url, "--token-file", str(tmp_path / "token"))
    checked = light.dompet("publishers", "check", name, *where)
    assert (checked.returncode, checked.stdout) == (0, b""), checked.stderr
    events = [review(name, f"{name}-{number}") for number in range(700)]
    ran = light.dompet("publish", "-", *where, stdin=lines(*events))
    assert (ran.returncode, ran.stdout) == (0, b""), ran.stderr
    assert b"published 700 events" in ran.stderr
    program = PROGRAM.format(name=name, url=gateway.url, token=token)
    ran = light.python("-c", LOADED.format(program=program))
    assert (ran.returncode, ran.stdout.split()) == (0, [b"dompet"]), ran.stderr
    on_log = [(key, value) for key, value, _, _, _ in gateway.records() if name.encode() in value]
    assert len(on_log) == 701


def test_it_publishes_into_an_inbox(light: Light, kafka: str, kafka_admin: AdminClient, tmp_path: Path) -> None:
    with routing(kafka, kafka_admin, tmp_path) as routed, routed.router() as router:
        (name,) = routed.inboxes
        checked = light.dompet("publishers", "check", "--inbox", name, "--kafka", kafka)
        assert (checked.returncode, checked.stdout) == (0, b""), checked.stderr
        assert b"right: a client without a user may write it" in checked.stderr
        ran = light.dompet(
            "publish", "-", "--inbox", name, "--kafka", kafka, stdin=lines(*(review(name) for _ in range(700)))
        )
        assert (ran.returncode, ran.stdout) == (0, b""), ran.stderr
        routed.until_routed(700, router)
        routed.assert_whole()
        assert routed.dead(name) == []
