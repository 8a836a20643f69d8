"""Serving: the application on an address, until it is stopped."""

import asyncio
import getpass
import logging.config
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn

from dompet.schemas.errors import DompetError
from dompet.streams.access.roles import local_user
from dompet.streams.access.topic import followed
from dompet.streams.metrics.declaration import Part
from dompet.streams.metrics.listening import figures_at
from dompet.streams.process.hosts import is_loopback
from dompet.streams.process.logs import logging_config
from dompet.streams.process.memory import return_freed_memory
from dompet.streams.settings import Settings
from dompet.streams.web.app import application
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.guard import Guard
from dompet.streams.web.core.requests import Requests

_KEY_FILE: Final = "web.secret"
_GRACE_S: Final = 5


def serve(settings: Settings) -> int:
    """Answer until a signal ends it; the exit code. DompetError where nobody has an entry, or the port is taken."""
    logging.config.dictConfig(logging_config())
    return_freed_memory()
    with _guarded(settings) as guard:
        return _run(settings, guard)


@contextmanager
def _guarded(settings: Settings) -> Iterator[Guard]:
    """How people enter while the block runs: on this machine alone as its user, else by entries."""
    names = frozenset(filter(None, [*settings.serve_names.lower().split(","), settings.serve_host.lower()]))
    secret, header = secret_of(settings.home), settings.serve_proxy_header
    if is_loopback(settings.serve_host) and not header:
        yield Guard(secret, local=local_user(_user()), names=names)
        return
    if not settings.kafka:
        raise DompetError("who may enter is on the log's Kafka: none is set, and none runs here")
    with followed(settings) as entries:
        if not any(one.tokens for one in entries.all()):
            raise DompetError(
                f"at {settings.serve_host} nobody could sign in: `dompet access add NAME --role officer` makes an entry"
            )
        yield Guard(secret, entrances=entries, names=names, proxy_header=header)


def _run(settings: Settings, guard: Guard) -> int:
    host, port, requests = settings.serve_host, settings.serve_port, Requests()
    config = uvicorn.Config(
        application(Asker(settings), guard, requests=requests, warm=True),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=_GRACE_S,
        h11_max_incomplete_event_size=64 << 10,
        limit_concurrency=1000,
    )
    server = uvicorn.Server(config)
    try:
        with figures_at(settings.serve_metrics_port, Part.SERVE, requests.readers()):
            asyncio.run(server.serve())
    except SystemExit:
        if server.started:  # it ended in order; uvicorn sends itself the signal once more
            return 0
        raise DompetError(f"nothing can be served at {host}:{port}: another process may have the port") from None
    return 0


def secret_of(home: Path) -> bytes:
    """What sessions and forms are signed with: in the home, readable by its user alone; made where missing."""
    path = home / _KEY_FILE
    home.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        part = path.with_name(f"{_KEY_FILE}.{secrets.token_hex(4)}")
        part.touch(mode=0o600)
        part.write_bytes(secrets.token_bytes(32))
        part.rename(path)
    secret = path.read_bytes()
    if len(secret) < 32:
        raise DompetError(f"{path} holds no secret of 32 bytes: delete it, and another is made")
    return secret


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "local user"
