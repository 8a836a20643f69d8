"""The listener for Prometheus: of its own, on loopback, so that neither the work nor who reads pages waits for it."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

from dompet.streams.metrics.declaration import Part
from dompet.streams.process.hosts import is_own_host

if TYPE_CHECKING:
    from dompet.streams.metrics.exposition import Exposition, Readers

log = logging.getLogger("dompet.metrics")

HOST: Final = "127.0.0.1"
PATH: Final = "/metrics"
HEALTH: Final = "/health"
_REQUEST_LIMIT_S: Final = 10.0
_LOOK_S: Final = 0.1
"""How soon it ends once it is to end."""


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    server: "_Server"
    timeout = _REQUEST_LIMIT_S
    server_version, sys_version = "dompet", ""

    def do_GET(self) -> None:
        """The figures, for who asks for them under a name of this machine."""
        if not is_own_host(self.headers.get("Host", "")):
            self._answer(HTTPStatus.FORBIDDEN, b"figures are for this machine's own names\n", "text/plain")
        elif self.server.health is not None and self.path.partition("?")[0] == HEALTH:
            said = self.server.health()
            status = HTTPStatus.SERVICE_UNAVAILABLE if said["reason"] else HTTPStatus.OK
            self._answer(status, json.dumps(said).encode(), "application/json")
        elif self.path.partition("?")[0] != PATH:
            self._answer(HTTPStatus.NOT_FOUND, f"there is only {PATH}\n".encode(), "text/plain")
        else:
            self._answer(HTTPStatus.OK, *self.server.exposition.written(self.headers.get("Accept", "")))

    def _answer(self, status: HTTPStatus, content: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged."""
        log.debug(format, *args)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    exposition: "Exposition"
    health: Callable[[], dict[str, Any]] | None

    def answer(self, part: Part, readers: "Readers") -> None:
        """Answer until `shutdown`; for a thread of its own, which also loads what takes half a second to load."""
        from dompet.streams.metrics.exposition import Exposition

        self.exposition = Exposition(part, readers)
        self.serve_forever(_LOOK_S)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked went away, or a figure could not be read: nobody is to be stopped by that."""
        log.debug("a request for figures was not answered", exc_info=True)


@contextmanager
def figures_at(
    port: int, part: Part, readers: "Readers", health: Callable[[], dict[str, Any]] | None = None
) -> Iterator[None]:
    """Answer Prometheus at this port while the block runs; 0: nowhere. Where the port is taken a line says so, and the
    block runs all the same. `health` is what /health says, whose `reason` is empty where all is well.
    """
    if not port:
        yield
        return
    try:
        server = _Server((HOST, port), _Handler)
        server.health = health
    except OSError as error:
        log.warning(
            "nothing can listen at %s:%d (%s): there are no figures for Prometheus; choose another port by %s",
            HOST, port, error.strerror or error, f"--{part}-metrics-port",
        )  # fmt: skip
        yield
        return
    answering = threading.Thread(target=server.answer, args=(part, readers), name="figures", daemon=True)
    answering.start()
    log.info("figures for Prometheus are at http://%s:%d%s", HOST, port, PATH)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        answering.join()
