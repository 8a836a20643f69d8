"""A gateway that answers by a script: what a real one answers only where its broker or its machine fails."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from dompet.infra.ports import HOST

Step = tuple[int, dict[str, Any], dict[str, str]] | None
"""Status, content and headers; None closes the connection without an answer."""
HELLO: Step = (200, {"publisher_id": "toko", "kind": "platform", "quota": 1000}, {})


class _Server(ThreadingHTTPServer):
    block_on_close = False


class Scripted:
    """What was asked of it: the bodies of requests, and each as how many records it holds."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[bytes] = []

    @property
    def counts(self) -> list[int]:
        return [len(records(body)) for body in self.bodies]


def records(body: bytes) -> list[bytes]:
    """The records of a batch."""
    found, at = [], 0
    while at < len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        found.append(body[at + 4 : at + 4 + size])
        at += 4 + size
    return found


@contextmanager
def scripted(*steps: Step) -> Iterator[Scripted]:
    """It answers GET by HELLO, and each POST by the next step."""
    gateway, waiting = Scripted(), list(steps)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(HELLO)

        def do_POST(self) -> None:
            gateway.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(waiting.pop(0))

        def _answer(self, step: Step) -> None:
            if step is None:
                self.close_connection = True
                return
            status, content, headers = step
            body = json.dumps(content).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *values: object) -> None:
            pass

    with _Server((HOST, 0), Handler) as server:
        gateway.url = f"http://{HOST}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield gateway
        finally:
            server.shutdown()
            thread.join()


def results(*said: str) -> list[dict[str, Any]]:
    """The results of a batch."""
    return [{"event_id": str(place), "result": one, "reason": f"it is {one}"} for place, one in enumerate(said)]
