"""Who is not verified yet holds little memory, and takes none from those who are."""

import json
import socket
from contextlib import ExitStack

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dompet.infra.ports import HOST
from dompet.streams.publishers.entries import new_publisher
from dompet.streams.publishers.keys import public_key
from dompet.streams.publishers.topic import write_publisher
from tests.support.figures import figures
from tests.support.gateway import LINES, Gateway, pem_of, publisher, review, signature, until_taken

_ELSEWHERE = ("127.0.0.2", 0)
_EACH_BYTES = 400_000


def signing(gateway: Gateway) -> tuple[str, Ed25519PrivateKey]:
    """A publisher that signs, which the gateway knows."""
    private = Ed25519PrivateKey.generate()
    entry = new_publisher("toko-signing", "platform", 10_000).with_key("tester", public_key(pem_of(private), ""))
    write_publisher(gateway.settings, entry)
    until_taken(gateway, publisher(gateway.settings)[1])  # what was written before it is followed, too
    return entry.publisher_id, private


def begin(gateway: Gateway, name: str) -> socket.socket:
    """A request with a signature that nobody made, most of whose body never comes."""
    headers = signature(Ed25519PrivateKey.generate(), b"", name)
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = ["POST /v1/events HTTP/1.1", "Host: x", f"Content-Type: {LINES}", "Content-Length: 900000", *lines, "", ""]
    client = socket.create_connection((HOST, gateway.port), source_address=_ELSEWHERE)
    client.settimeout(60)
    client.sendall("\r\n".join(head).encode())
    client.setblocking(False)
    return client


def send_on(client: socket.socket, count: int) -> int:
    """Send as much of so many bytes as is taken; how many."""
    try:
        return client.send(bytes(count))
    except BlockingIOError:
        return 0
    except OSError:  # it was refused
        return count


def test_a_thousand_slow_bodies_that_nobody_signed_take_bounded_memory_and_no_publisher_s_room(
    gateway: Gateway, toko: tuple[str, str]
) -> None:
    name, private = signing(gateway)
    before = figures(gateway.metrics_port).of("process_resident_memory_bytes") or 0
    event = json.dumps(review(toko[0])).encode()
    with ExitStack() as stack:
        clients = [stack.enter_context(begin(gateway, name)) for _ in range(1_000)]
        sent = dict.fromkeys(clients, 0)
        for _ in range(20):
            for client, count in sent.items():
                sent[client] += send_on(client, _EACH_BYTES - count) if count < _EACH_BYTES else 0
        assert gateway.post(event, toko[1]).status == 200
        assert gateway.post(event + (b"\n" + b" " * 60_000) * 100, toko[1], LINES).status == 200
        signed = json.dumps(review(name)).encode()
        assert gateway.signed(private, signed, name).status == 200
        held = figures(gateway.metrics_port)
        assert (held.of("process_resident_memory_bytes") or 0) - before < 250_000_000
        assert held.of("dompet_gateway_requests_total", route="/v1/events", method="POST", code="503")
    assert gateway.post(event, toko[1]).status == 200
