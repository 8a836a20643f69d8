"""A gateway: its routes, and who answers them."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from dompet.streams.gateway.bodies import Bodies
from dompet.streams.gateway.callers import Callers, credentials
from dompet.streams.gateway.figures import Figures
from dompet.streams.gateway.log_writer import LogWriter
from dompet.streams.gateway.problems import Problem
from dompet.streams.gateway.registry_routes import RegistryRoutes
from dompet.streams.gateway.rooms import Rooms
from dompet.streams.gateway.taking import Taking
from dompet.streams.publishers.entries import Publishers

log = logging.getLogger("dompet.gateway")

EVENTS: Final = "/v1/events"
PUBLISHER: Final = "/v1/publisher"
REGISTRY: Final = "registry"
NO_ROUTE: Final = "none"

REQUEST_S: Final = 100.0
"""More than a body and the broker may take together."""

Answer = Callable[[web.BaseRequest], Awaitable[web.Response]]


class Service:
    """Answers requests. `topic` is the log's; `body_bytes`: the most that a body may have."""

    def __init__(self, publishers: Publishers, writer: LogWriter, topic: str, body_bytes: int) -> None:
        rooms = Rooms(body_bytes)
        self._registry = RegistryRoutes(topic, rooms)
        self.figures = Figures()
        self._writer = writer
        self._callers = Callers(publishers)
        self._taking = Taking(self._callers, rooms, Bodies(body_bytes), writer, self.figures)
        self._routes: dict[str, dict[str, Answer]] = {
            "/health": {"GET": self._health},
            "/ready": {"GET": self._ready},
            EVENTS: {"POST": self._taking.answer},
            PUBLISHER: {"GET": self._publisher},
        }

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to one request, whatever it is."""
        began_s, template = time.monotonic(), request.path if request.path in self._routes else NO_ROUTE
        try:
            async with asyncio.timeout(REQUEST_S):
                if template == NO_ROUTE and (found := await self._registry.answer(request)):
                    template, response = REGISTRY, found
                else:
                    response = await self._answer_of(request)(request)
        except TimeoutError:
            response = Problem(408, f"a request may take {REQUEST_S:g} s").response()
        except Problem as problem:
            if problem.refused:
                self.figures.refuse(problem.refused, str(problem))
            response = problem.response()
        except Exception:
            log.exception("a request was not answered")
            response = Problem(500, "the gateway failed; nothing is known of the request's events").response()
        response.headers["Server"] = "dompet"
        self.figures.add_request(template, request.method, response.status, time.monotonic() - began_s)
        return response

    def _answer_of(self, request: web.BaseRequest) -> Answer:
        methods = self._routes.get(request.path)
        if methods is None:
            raise Problem(404, f"there is no {request.path[:200]!r}: events go to POST {EVENTS}")
        answer = methods.get("GET" if request.method == "HEAD" else request.method)
        if answer is None:
            raise Problem(405, f"{request.path} takes {' and '.join(methods)}")
        return answer

    async def _health(self, request: web.BaseRequest) -> web.Response:
        return web.json_response({"status": "ok", "reason": ""})

    async def _ready(self, request: web.BaseRequest) -> web.Response:
        reason = self._writer.complaint
        body = {"status": "unready" if reason else "ok", "reason": reason}
        return web.json_response(body, status=503 if reason else 200)

    async def _publisher(self, request: web.BaseRequest) -> web.Response:
        """Who calls, for a check of the token."""
        entry = self._callers.by_token(credentials(request))
        known = {"publisher_id": entry.publisher_id, "kind": entry.kind, "quota": entry.quota}
        return web.json_response(known)
