"""Pages and the API as they are served: a real server on loopback, in a thread of this process."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvicorn

from dompet.infra.ports import HOST, free_port
from dompet.streams.access.roles import local_user
from dompet.streams.commands.local_engine import engine_of
from dompet.streams.settings import Settings, read_settings
from dompet.streams.web.app import ROUTES, application
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.guard import Guard
from dompet.streams.web.core.routes import Page
from tests.support.answered import EVENTS
from tests.support.ledger import Ledger
from tests.support.warehouses import opened

SECRET = bytes(range(32))
LOCAL = Guard(SECRET, local=local_user("tester"))
_START_LIMIT_S = 120.0


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Served:
    """Where it is served. Nothing follows a redirect."""

    port: int
    asker: Asker

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def get(self, path: str, given: Mapping[str, str] | None = None, /, **headers: str) -> Answer:
        return self._ask("GET", f"{path}?{urlencode(given)}" if given else path, headers, None)

    def post(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, {**kind, **headers}, urlencode(form).encode())

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=120)) as connection:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())


@contextmanager
def served(
    settings: Settings, guard: Guard = LOCAL, routes: Sequence[Page] = ROUTES, *, warm: bool = False
) -> Iterator[Served]:
    """The application on a port of its own, while the block runs; before the embedded warehouse with an engine."""
    with engine_of(settings.changed(engine_port=0, engine_metrics_port=0)):
        yield from _served(settings, guard, routes, warm=warm)


def _served(settings: Settings, guard: Guard, routes: Sequence[Page], *, warm: bool) -> Iterator[Served]:
    port, asker = free_port(), Asker(settings)
    made = application(asker, guard, routes, warm=warm)
    config = uvicorn.Config(made, host=HOST, port=port, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_LIMIT_S
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the pages are not served"
        time.sleep(0.02)
    try:
        yield Served(port, asker)
    finally:
        server.should_exit = True
        thread.join()


def filled(url: str, home: Path) -> Settings:
    """Settings of a warehouse without a log, with the events of all types in it."""
    with opened(url) as warehouse:
        ledger = Ledger(warehouse)
        for at in range(0, len(EVENTS), 500):
            ledger.store(EVENTS[at : at + 500])
    return read_settings(warehouse=url, home=home)
