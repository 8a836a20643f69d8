"""Quotas, odd clients, many slow connections, a broker that is away: each has a clear answer, and nothing is lost."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from dompet.infra.broker import LocalBroker
from dompet.infra.ports import HOST, free_port
from dompet.schemas.topics import declared_topics
from dompet.schemas.wire import decode
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.metrics.declaration import Part
from dompet.streams.settings import read_settings
from tests.support.command import dompet
from tests.support.figures import figures
from tests.support.gateway import LINES, Gateway, publisher, review, running_gateway, until_taken
from tests.support.kafka import JARS
from tests.support.web import Answer


def test_a_publisher_beyond_its_quota_waits_and_no_other_does(gateway: Gateway, toko: tuple[str, str]) -> None:
    entry, token = publisher(gateway.settings, quota=10)
    until_taken(gateway, token)
    whole = gateway.send(*(review(entry.publisher_id) for _ in range(60)), token=token)
    assert (whole.status, whole.json["stored"]) == (200, 60)
    refused = gateway.send(review(entry.publisher_id), token=token)
    assert refused.status == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 5
    assert gateway.send(review(toko[0]), token=toko[1]).status == 200
    time.sleep(int(refused.headers["retry-after"]))
    assert gateway.send(review(entry.publisher_id), token=token).status == 200


def head(token: str, *lines: str) -> bytes:
    return "\r\n".join(
        [
            "POST /v1/events HTTP/1.1",
            "Host: x",
            f"Authorization: Bearer {token}",
            f"Content-Type: {LINES}",
            *lines,
            "",
            "",
        ]
    ).encode()


def said(client: socket.socket, *parts: bytes) -> bytes:
    """What is answered until the gateway closes, or the answer has come."""
    client.settimeout(60)
    for part in parts:
        client.sendall(part)
    found = b""
    while chunk := client.recv(65_536):
        found += chunk
        if b"]}" in found or b'"detail"' in found:
            break
    return found


def test_odd_clients_are_answered_or_closed_and_the_gateway_goes_on(gateway: Gateway, toko: tuple[str, str]) -> None:
    event = json.dumps(review(toko[0])).encode()
    chunk = b"%x\r\n%b\r\n" % (len(event), event)
    asked: dict[bytes, list[tuple[bytes, ...]]] = {
        b"200": [(head(toko[1], "Transfer-Encoding: chunked"), chunk, b"0\r\n\r\n"),
                 (head(toko[1], f"Content-Length: {len(event)}"), event[:50], event[50:]),
                 (head(toko[1], "Expect: 100-continue", f"Content-Length: {len(event)}"), event)],
        b"400": [(b"NOT HTTP\r\n\r\n",),
                 (head(toko[1], "Content-Length: 5", "Transfer-Encoding: chunked"), b"0\r\n\r\n"),
                 (head(toko[1], "Content-Length: x"),)],
        b"413": [(head(toko[1], "Content-Length: 99999999999"),)],
    }  # fmt: skip
    for status, ways in asked.items():
        for parts in ways:
            with socket.create_connection((HOST, gateway.port)) as client:
                answer = said(client, *parts)
                assert b"HTTP/1.1 " + status in answer, (parts, answer)
    with socket.create_connection((HOST, gateway.port)) as client:  # goes away within its body
        client.sendall(head(toko[1], "Content-Length: 100000") + event + b"\n")
    assert gateway.send(review(toko[0]), token=toko[1]).status == 200


def test_a_thousand_slow_connections_take_bounded_memory_and_hold_up_nobody(
    gateway: Gateway, toko: tuple[str, str]
) -> None:
    before = figures(gateway.metrics_port).of("process_resident_memory_bytes") or 0
    with ExitStack() as stack:
        for number in range(1_000):
            client = stack.enter_context(socket.create_connection((HOST, gateway.port)))
            if number % 2:
                client.sendall(head(toko[1], "Content-Length: 1000000")[: 60 if number % 4 == 1 else None])
            else:
                client.sendall(head(toko[1], "Content-Length: 1000000") + b" " * 20_000)
        assert gateway.send(review(toko[0]), token=toko[1]).status == 200
        held = figures(gateway.metrics_port)
        assert (held.of("dompet_gateway_connections") or 0) >= 900
        assert (held.of("process_resident_memory_bytes") or 0) - before < 150_000_000
    assert gateway.send(review(toko[0]), token=toko[1]).status == 200


@pytest.mark.parametrize("sent", [b"", b"POST /v1/ev"])
def test_a_connection_without_a_head_is_closed(gateway: Gateway, sent: bytes) -> None:
    with socket.create_connection((HOST, gateway.port)) as client:
        client.settimeout(60)
        client.sendall(sent)
        assert client.recv(1_000) == b""


def test_a_body_that_stops_is_answered_and_ended(gateway: Gateway, toko: tuple[str, str]) -> None:
    event = json.dumps(review(toko[0])).encode() + b"\n"
    with socket.create_connection((HOST, gateway.port)) as client:
        answer = said(client, head(toko[1], "Content-Length: 100000") + event)
    assert b"HTTP/1.1 408" in answer
    assert b'"stored"' in answer


def test_the_figures_are_those_that_are_declared(gateway: Gateway, toko: tuple[str, str]) -> None:
    gateway.send(review(toko[0]), token=toko[1])
    found = figures(gateway.metrics_port)
    found.assert_declared(Part.GATEWAY)
    assert found.of("dompet_gateway_events_total", outcome="stored")
    assert found.of("dompet_gateway_requests_total", route="/v1/events", method="POST", code="200")


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """A broker that may be killed, on which nobody has an entry at first."""
    with LocalBroker(tmp_path_factory.mktemp("own"), 0, libs=JARS) as broker:
        ensure_topics(admin_client(read_settings(kafka=broker.bootstrap, home=broker.home)), declared_topics())
        yield broker


@pytest.mark.server
def test_beyond_loopback_it_refuses_to_begin_without_publishers(own_broker: LocalBroker, tmp_path: Path) -> None:
    place = ("--gateway-host", "0.0.0.0", "--gateway-port", str(free_port()))  # noqa: S104
    ran = dompet("gateway", *place, "--kafka", own_broker.bootstrap, cwd=tmp_path)
    assert ran.code == 2
    assert "nobody could send events: `dompet publishers add NAME" in ran.complaint


@pytest.mark.server
def test_while_the_broker_is_away_nothing_is_accepted_and_lost(own_broker: LocalBroker, tmp_path: Path) -> None:
    """Clients send each event until it is stored, while the broker is killed and comes back."""
    entry, token = publisher(read_settings(kafka=own_broker.bootstrap, home=tmp_path))
    with running_gateway(own_broker.bootstrap, declared_topics().log.name, tmp_path) as gateway:
        sending = Senders(gateway, entry.publisher_id, token)
        with sending.at_work(3):
            until(lambda: len(sending.stored) > 20)
            os.kill(own_broker.pid or 0, signal.SIGKILL)
            until(lambda: 503 in sending.statuses and gateway.ask("GET", "/ready").status == 503)
            assert gateway.ask("GET", "/health").status == 200
            refused = gateway.send(review(entry.publisher_id), token=token)
            assert (refused.status, refused.headers["retry-after"]) == (503, "2")
            event = json.dumps(review(entry.publisher_id)).encode()
            assert gateway.post(event, token, path="/v1/events?dry_run=1").status == 200
            own_broker.stop()
            own_broker.start()
            until(lambda: gateway.ask("GET", "/ready").status == 200)
            enough = len(sending.stored) + 20
            until(lambda: len(sending.stored) > enough)
        on_log = {str(decode(one[1])[1]["event_id"]) for one in gateway.records()}
    assert sending.stored <= on_log
    assert sending.statuses <= {200, 503}


class Senders:
    """Clients that send each event again until it is stored."""

    def __init__(self, gateway: Gateway, publisher_id: str, token: str) -> None:
        self._gateway, self._publisher_id, self._token = gateway, publisher_id, token
        self.stored: set[str] = set()
        self.statuses: set[int] = set()

    @contextmanager
    def at_work(self, count: int) -> Iterator[None]:
        """So many of them send while the block runs."""
        over = threading.Event()
        threads = [threading.Thread(target=self._send_on, args=(over, one), daemon=True) for one in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _send_on(self, over: threading.Event, number: int) -> None:
        count = 0
        while not over.is_set():
            count += 1
            events = [review(self._publisher_id, f"{number}-{count}-{one}") for one in range(3)]
            while (answer := self._gateway.send(*events, token=self._token)).status != 200 and not over.is_set():
                self._note(answer)
                time.sleep(0.2)
            self._note(answer)

    def _note(self, answer: Answer) -> None:
        self.statuses.add(answer.status)
        results = answer.json.get("results", [])
        self.stored.update(one["event_id"] for one in results if one["result"] == "stored")


def until(holds: Callable[[], bool], limit_s: float = 120) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
