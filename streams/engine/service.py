"""The engine as a service: it answers on a loopback port for anybody on this machine, and, of an embedded warehouse,
on another one for who can read the token in the folder's lock file.
"""

import asyncio
import hmac
import logging
import resource
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

from aiohttp import web

from dompet.schemas.errors import DompetError
from dompet.streams.engine.answering import GuestEndpoint
from dompet.streams.engine.backend import Backend
from dompet.streams.engine.connections import Connections
from dompet.streams.engine.figures import GUEST_QUERY, OWN_QUERY, Tally
from dompet.streams.engine.folder import FolderBackend
from dompet.streams.engine.limits import Limits
from dompet.streams.engine.listening import Listener
from dompet.streams.engine.owning import OwnerEndpoint
from dompet.streams.engine.refusals import AUTHENTICATION_FAILED, STD_EXCEPTION, Refusal
from dompet.streams.process.hosts import is_own_host
from dompet.streams.warehouse.holder import AS_GUEST

log = logging.getLogger("dompet.engine")

HOST: Final = "127.0.0.1"

_OWN_CONNECTIONS: Final = 1024
_SPARE_FILES: Final = 1024
"""For the tables' files, beside the connections."""
_OK: Final = "Ok.\n"
_READY_LIMIT_S: Final = 5.0


class Service:
    """Answers guests from a backend. `port` is where they ask; 0: none may."""

    def __init__(self, backend: Backend, port: int, limits: Limits) -> None:
        self._backend = backend
        self._guests = GuestEndpoint(backend, limits)
        self._port = port
        self._public = Listener(self._public_answer, HOST, port, limits.connections, limits.request_seconds)
        self.tally = Tally(self._guests.turns, self._public)
        self._looking = ThreadPoolExecutor(1, "looks whether it is ready")

    async def start(self) -> None:
        """Listen. OSError where the port is taken."""
        if self._port:
            await self._public.start()

    async def stop(self) -> None:
        """Listen no more, and end what runs."""
        await self._public.stop()
        await self._guests.close()

    def close(self) -> None:
        """Let go of what is behind it, after `stop`."""
        self._looking.shutdown()
        self._backend.close()

    async def _public_answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if not is_own_host(request.host):
            return self._refused(f"the engine does not answer for host {request.host!r}")
        if request.headers.get("Authorization", "").startswith("Bearer ") and not self._owns(request):
            return self._refused("the token is not known")
        return await self._answered(request)

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path in ("/ping", "/replicas_status") or (
            request.path == "/" and request.method in ("GET", "HEAD") and not request.query.get("query")
        ):
            return web.Response(text=_OK, headers={"Server": "dompet"})
        if request.path in ("/health", "/ready"):
            return await self._well(request.path == "/ready")
        if request.path != "/":
            return web.Response(status=404, text=f"There is no handle {request.path}\n", headers={"Server": "dompet"})
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            return await self._answer(request)
        except Exception as error:
            log.exception("a query was not answered")
            return self._guests.sender.refusal(Refusal(STD_EXCEPTION, f"{type(error).__name__}: {error}"), "", False)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        with self.tally.query(GUEST_QUERY) as outcome:
            return await self._guests.answer(request, outcome)

    async def _well(self, ready: bool) -> web.Response:
        """200 where the engine is there; where it is to be `ready`, if it answers a query. 503 otherwise."""
        reason = await self._complaint() if ready else ""
        turns = self._guests.turns
        body: dict[str, str | int] = {"status": "unready" if reason else "ok", "reason": reason}
        body |= {"running": turns.running, "waiting": turns.waiting}
        return web.json_response(body, status=503 if reason else 200, headers={"Server": "dompet"})

    async def _complaint(self) -> str:
        """Why the engine answers no query, as a sentence; empty where it does."""
        try:
            async with asyncio.timeout(_READY_LIMIT_S):
                await asyncio.get_running_loop().run_in_executor(self._looking, self._backend.select_one)
        except TimeoutError:
            return f"a query was not answered within {_READY_LIMIT_S:g} s"
        except (DompetError, RuntimeError) as error:
            return str(error).splitlines()[0]
        return ""

    def _owns(self, request: web.BaseRequest) -> bool:
        """Whether the request has the owner's token; a server has none."""
        return False

    def _refused(self, sentence: str) -> web.Response:
        return self._guests.sender.refusal(Refusal(AUTHENTICATION_FAILED, sentence), "", compress=False)


class FolderService(Service):
    """The embedded warehouse's, which answers dompet's own processes, too."""

    def __init__(self, folder: Path, port: int, limits: Limits) -> None:
        """Open the folder. WarehouseBusy where another process holds it; WarehouseError where it cannot be opened."""
        _raise_file_limit(limits)
        self._connections = Connections(folder, limits)
        super().__init__(FolderBackend(self._connections), port, limits)
        self._owners = OwnerEndpoint(self._connections, self._guests.sender)
        self._token = secrets.token_urlsafe(32)
        self._private = Listener(self._private_answer, HOST, 0, _OWN_CONNECTIONS, limits.request_seconds)

    async def start(self) -> None:
        """Listen, and say so in the folder. OSError where the port is taken."""
        await super().start()
        self._connections.announce(f"http://{HOST}:{await self._private.start()}", self._token)

    async def stop(self) -> None:
        """Listen no more, and end what runs."""
        await self._private.stop()
        await super().stop()
        await self._owners.close()

    async def _private_answer(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._answered(request) if self._owns(request) else self._refused("the engine's token is needed")

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if self._owns(request) and AS_GUEST not in request.headers:
            with self.tally.query(OWN_QUERY) as outcome:
                return await self._owners.answer(request, outcome)
        return await super()._answer(request)

    def _owns(self, request: web.BaseRequest) -> bool:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token.encode())


def _raise_file_limit(limits: Limits) -> None:
    """Have room for every connection and for the tables' files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 4 * (limits.connections + _OWN_CONNECTIONS) + _SPARE_FILES
    if soft < needed:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, hard), hard))
