"""`dompet publishers check` against a gateway, good and bad."""

import socket

import pytest

from tests.support.command import Ran, dompet
from tests.support.gateway import Gateway, publisher, until_taken


def check(gateway: Gateway, name: str, token: str, url: str = "") -> Ran:
    given = ("publishers", "check", name, "--gateway", url or gateway.url)
    return dompet(*given, cwd=gateway.settings.home, stdin=f"{token}\n".encode())


@pytest.mark.parametrize("kind", ["platform", "institution", "programme"])
def test_each_kind_of_publisher_finds_its_token_good_and_nothing_is_stored(gateway: Gateway, kind: str) -> None:
    entry, token = publisher(gateway.settings, kind)
    until_taken(gateway, token)
    before = len(gateway.records())
    ran = check(gateway, entry.publisher_id, token)
    assert ran.code == 0, ran.err
    assert [line for line in ("connection", "log", "token", "event") if f"{line}: " not in ran.err] == []
    assert len(gateway.records()) == before


def test_what_fails_is_said_and_the_rest_is_not_tried(gateway: Gateway, toko: tuple[str, str]) -> None:
    wrong = check(gateway, toko[0], "dompet_wrong")
    assert (wrong.code, "token: 401: nobody has this token" in wrong.err, "event: " in wrong.err) == (1, True, False)
    other = check(gateway, "ruangguru", toko[1])
    assert (other.code, f"the token is that of {toko[0]}, not of ruangguru" in other.err) == (1, True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = check(gateway, toko[0], toko[1], f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert (away.code, "no gateway answers" in away.err) == (1, True)
    assert check(gateway, toko[0], toko[1], "ftp://x").code == 2
    assert check(gateway, toko[0], "bad\ttoken").code == 2
    assert "there is no token" in check(gateway, toko[0], "").complaint


def test_another_server_of_http_is_called_no_gateway(gateway: Gateway, toko: tuple[str, str]) -> None:
    port = gateway.metrics_port
    figures = check(gateway, toko[0], toko[1], f"http://127.0.0.1:{port}")
    assert (figures.code, figures.err.count("✓")) == (1, 0)
    assert f"✗ connection: what answers at http://127.0.0.1:{port} is no gateway (404)" in figures.err
