"""`dompet publishers`: entries on the real topic, as the command writes them and a follower reads them."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dompet.streams.publishers.topic import followed, read_publishers
from dompet.streams.settings import Settings, read_settings
from tests.streams.publishers.test_entries import pem_of
from tests.support.command import Ran, dompet

_LIMIT_S = 30


@pytest.fixture
def settings(kafka: str, tmp_path: Path) -> Settings:
    return read_settings(kafka=kafka, home=tmp_path)


@pytest.fixture
def name() -> str:
    """A publisher_id that no other test has."""
    return f"toko-{uuid.uuid4()}"


def publishers(settings: Settings, *arguments: str) -> Ran:
    return dompet("publishers", *arguments, "--kafka", str(settings.kafka), cwd=settings.home)


def output(settings: Settings, *arguments: str) -> str:
    ran = publishers(settings, *arguments)
    assert ran.code == 0, ran.err
    return ran.out.strip()


def soon(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _LIMIT_S
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_a_follower_knows_a_publisher_from_its_begin_to_its_end(settings: Settings, name: str) -> None:
    with followed(settings) as known:
        token = output(settings, "add", name, "--kind", "platform", "--quota", "50", "--by", "ani")
        assert soon(lambda: known.by_token(token) is not None)
        entry = known.by_token(token)
        assert entry and (entry.publisher_id, entry.kind, entry.quota, entry.changed_by) == (
            name,
            "platform",
            50,
            "ani",
        )
        output(settings, "suspend", name)
        assert soon(lambda: bool((one := known.get(name)) and one.suspended))
        output(settings, "resume", name)
        assert soon(lambda: bool((one := known.get(name)) and not one.suspended))
        other = output(settings, "rotate", name)
        assert soon(lambda: known.by_token(other) is not None)
        assert known.by_token(token) is not None
        output(settings, "rotate", name, "--end-old")
        assert soon(lambda: known.by_token(token) is None)
        output(settings, "remove", name)
        assert soon(lambda: known.get(name) is None)
    assert read_publishers(settings).get(name) is None


def test_a_publisher_with_a_key_has_no_token_until_one_is_made(settings: Settings, name: str) -> None:
    for number in (1, 2):
        (settings.home / f"{number}.pem").write_bytes(pem_of(Ed25519PrivateKey.generate()))
    assert output(settings, "add", name, "--kind", "institution", "--public-key", "1.pem") == ""
    output(settings, "rotate", name, "--public-key", "2.pem")
    entry = read_publishers(settings).get(name)
    assert entry and (len(entry.keys), entry.tokens) == (2, ())
    token = output(settings, "rotate", name)
    assert read_publishers(settings).by_token(token)


def test_the_list_has_every_publisher_and_no_token(settings: Settings, name: str) -> None:
    token = output(settings, "add", name, "--kind", "programme")
    shown = dompet(
        "publishers", "list", "--kafka", str(settings.kafka), cwd=settings.home, variables={"COLUMNS": "300"}
    ).out
    assert name in shown
    assert token not in shown


def test_what_cannot_be_is_refused_in_one_sentence(settings: Settings, name: str) -> None:
    output(settings, "add", name, "--kind", "platform")
    (settings.home / "no.pem").write_text("no key")
    refused = {
        ("add", name, "--kind", "platform"): f"{name} has an entry",
        ("add", "another", "--kind", "bank"): "'bank' is no kind of publisher",
        ("add", "another", "--kind", "platform", "--public-key", "no.pem"): "no public key in PEM",
        ("add", "another", "--kind", "platform", "--public-key", "none.pem"): "none.pem",
        ("suspend", "nobody"): "nobody has no entry",
        ("rotate", "nobody"): "nobody has no entry",
        ("remove", "nobody"): "nobody has no entry",
    }
    for arguments, why in refused.items():
        ran = publishers(settings, *arguments)
        assert (ran.code, why in ran.complaint) == (2, True), ran.err
