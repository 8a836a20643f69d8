"""The application: every route, each within the same guard, headers and words for what goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dompet.schemas.errors import DompetError
from dompet.streams.web.answering import HEADERS, error_response, guarded
from dompet.streams.web.api.routes import API
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.guard import Guard
from dompet.streams.web.core.problems import problem
from dompet.streams.web.core.requests import NO_ROUTE, Requests
from dompet.streams.web.core.routes import Page
from dompet.streams.web.pages.routes import PAGES
from dompet.streams.web.show.templates import digest, static_files
from dompet.streams.web.warming import warmed

ROUTES: Final[tuple[Page, ...]] = (*PAGES, *API)
"""All routes that need somebody to be known."""


def application(
    asker: Asker, guard: Guard, pages: Sequence[Page] = ROUTES, requests: Requests | None = None, *, warm: bool = False
) -> Starlette:
    """The application, for one warehouse and one way of entering; `requests` counts what is asked. `warm`: what pages
    are made of is asked before anybody comes.
    """
    counted = (requests := requests or Requests()).counted

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        warming = asyncio.create_task(warmed(asker, pages)) if warm else None
        yield
        if warming:
            warming.cancel()
        asker.close()

    async def health(_: Request) -> Response:
        return _well("")

    async def ready(_: Request) -> Response:
        return await _ready(asker)

    async def missing(request: Request, error: Exception) -> Response:
        response = await _missing(request, error)
        requests.add(NO_ROUTE, request.method, response.status_code, 0.0)
        return response

    behind_guard = [(one.path, guarded(one, asker, guard), one.method) for one in pages]
    open_to_all = [("/health", health, "GET"), ("/ready", ready, "GET"), ("/static/{digest}/{name}", _static, "GET")]
    made = Starlette(
        routes=[
            Route(path, counted(path, answer), methods=[method]) for path, answer, method in behind_guard + open_to_all
        ],
        lifespan=lifespan,
        exception_handlers={404: missing, 405: missing},
    )
    made.state.guard = guard
    made.state.asker = asker
    return made


async def _ready(asker: Asker) -> Response:
    try:
        await asker.position()
    except DompetError as error:
        return _well(str(error))
    return _well("")


def _well(reason: str) -> Response:
    """That all is well, or why it is not."""
    return JSONResponse({"status": "unready" if reason else "ok", "reason": reason}, 503 if reason else 200)


async def _static(request: Request) -> Response:
    found = static_files().get(request.path_params["name"])
    if found is None:
        return problem(404, "there is no such file")
    current = request.path_params["digest"] == digest()
    cached = "public, max-age=31536000, immutable" if current else "no-cache"
    return Response(found[0], headers={"Cache-Control": cached, **HEADERS, "Content-Type": found[1]})


async def _missing(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    sentence = f"there is nothing at {request.url.path[:200]}" if status == 404 else "this address takes another method"
    response = error_response(request, status, sentence, program=request.url.path.startswith("/api/"))
    response.headers.update({**HEADERS, **(getattr(error, "headers", None) or {})})
    return response
