"""Serving: the application on an address, until it is stopped."""

import asyncio
import getpass
import logging.config
import secrets
from pathlib import Path
from typing import Final

import uvicorn

from dompet.schemas.errors import DompetError
from dompet.streams.access.roles import local_user
from dompet.streams.process.logs import logging_config
from dompet.streams.settings import Settings
from dompet.streams.web.app import application
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.guard import Guard, is_loopback

_SECRET: Final = "web.secret"
_GRACE_S: Final = 5


def serve(settings: Settings) -> int:
    """Answer until a signal ends it; the exit code. DompetError where nobody has an entry, or the port is taken."""
    host, port = settings.serve_host, settings.serve_port
    if not is_loopback(host):
        raise DompetError(f"{host} is reached from outside this machine: `dompet access add` makes an entry first")
    logging.config.dictConfig(logging_config())
    guard = Guard(secret_of(settings.home), local=local_user(_user()))
    config = uvicorn.Config(
        application(Asker(settings), guard),
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
        asyncio.run(server.serve())
    except SystemExit:
        raise DompetError(f"nothing can be served at {host}:{port}: another process may have the port") from None
    return 0


def secret_of(home: Path) -> bytes:
    """What sessions and forms are signed with: kept in the home, readable by its user alone; made where it is missing."""
    path = home / _SECRET
    home.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        part = path.with_name(f"{_SECRET}.{secrets.token_hex(4)}")
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
