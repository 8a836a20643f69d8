"""Quotas, odd clients, many slow connections: each has a clear answer or a clear end."""

import json
import re
import socket
import time
from contextlib import ExitStack

import pytest

from dompet.infra.ports import HOST
from dompet.streams.metrics.declaration import Part
from tests.support.figures import figures
from tests.support.gateway import LINES, Gateway, publisher, review, until_taken


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
    # What is refused comes in one piece: what came after the refusal would reset the connection, with the answer.
    asked: dict[bytes, list[tuple[bytes, ...]]] = {
        b"200": [(head(toko[1], "Transfer-Encoding: chunked"), chunk, b"0\r\n\r\n"),
                 (head(toko[1], f"Content-Length: {len(event)}"), event[:50], event[50:]),
                 (head(toko[1], "Expect: 100-continue", f"Content-Length: {len(event)}"), event)],
        b"400": [(b"NOT HTTP\r\n\r\n",),
                 (head(toko[1], "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n",),
                 (head(toko[1], "Content-Length: x"),)],
        b"413": [(head(toko[1], "Content-Length: 99999999999"),)],
    }  # fmt: skip
    for status, ways in asked.items():
        for parts in ways:
            with socket.create_connection((HOST, gateway.port)) as client:
                answer = said(client, *parts)
                assert re.search(rb"HTTP/1\.[01] " + status, answer), (parts, answer)
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


def test_the_figures_are_those_that_are_declared(gateway: Gateway, toko: tuple[str, str]) -> None:
    gateway.send(review(toko[0]), token=toko[1])
    found = figures(gateway.metrics_port)
    found.assert_declared(Part.GATEWAY)
    assert found.of("dompet_gateway_events_total", outcome="stored")
    assert found.of("dompet_gateway_requests_total", route="/v1/events", method="POST", code="200")
