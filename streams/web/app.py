"""The application: every route, each within the same guard, headers and words for what goes wrong."""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dompet.schemas.errors import DompetError
from dompet.streams.answers.filters import FilterError
from dompet.streams.answers.question import CursorError
from dompet.streams.web.api.asked import awaited
from dompet.streams.web.api.routes import API
from dompet.streams.web.core.asking import Asker, Busy, TooSlow
from dompet.streams.web.core.guard import SESSION, VISIT, Guard, Refused, may
from dompet.streams.web.core.leaving import unless_left
from dompet.streams.web.core.limits import TooMuch
from dompet.streams.web.core.position import Position
from dompet.streams.web.core.problems import problem
from dompet.streams.web.core.requests import NO_ROUTE, Requests
from dompet.streams.web.core.routes import Page
from dompet.streams.web.core.shares import READER, TooMany
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.pages.routes import PAGES
from dompet.streams.web.show.language import language, wanted
from dompet.streams.web.show.templates import digest, rendered, static_files

log = logging.getLogger("dompet.web")

ROUTES: Final[tuple[Page, ...]] = (*PAGES, *API)
"""All routes that need somebody to be known."""

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self';"
    " img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_STATUS: Final[dict[type[DompetError], int]] = {
    FilterError: 400,
    CursorError: 400,
    Busy: 503,
    TooMany: 429,
    TooSlow: 503,
    TooMuch: 413,
}


def application(
    asker: Asker, guard: Guard, pages: Sequence[Page] = ROUTES, requests: Requests | None = None, *, warm: bool = False
) -> Starlette:
    """The application, for one warehouse and one way of entering; `requests` counts what is asked. `warm`: what pages
    are made of is asked before anybody comes.
    """
    counted = (requests := requests or Requests()).counted

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        warming = asyncio.create_task(_warmed(asker)) if warm else None
        yield
        if warming:
            warming.cancel()
        asker.close()

    async def health(_: Request) -> Response:
        return _well("")

    async def ready(_: Request) -> Response:
        try:
            await asker.position()
        except DompetError as error:
            return _well(str(error))
        return _well("")

    async def missing(request: Request, error: Exception) -> Response:
        response = await _missing(request, error)
        requests.add(NO_ROUTE, request.method, response.status_code, 0.0)
        return response

    guarded = [(one.path, _guarded(one, asker, guard), one.method) for one in pages]
    open_to_all = [("/health", health, "GET"), ("/ready", ready, "GET"), ("/static/{digest}/{name}", _static, "GET")]
    made = Starlette(
        routes=[Route(path, counted(path, answer), methods=[method]) for path, answer, method in guarded + open_to_all],
        lifespan=lifespan,
        exception_handlers={404: missing, 405: missing},
    )
    made.state.guard = guard
    made.state.asker = asker
    return made


async def _warmed(asker: Asker) -> None:
    with suppress(DompetError):  # who comes first finds the same fault, and is answered so
        await asker.warm()


def _well(reason: str) -> Response:
    """That all is well, or why it is not."""
    return JSONResponse({"status": "unready" if reason else "ok", "reason": reason}, 503 if reason else 200)


async def _static(request: Request) -> Response:
    found = static_files().get(request.path_params["name"])
    if found is None:
        return problem(404, "there is no such file")
    current = request.path_params["digest"] == digest()
    cached = "public, max-age=31536000, immutable" if current else "no-cache"
    return Response(found[0], headers={"Cache-Control": cached, **_HEADERS, "Content-Type": found[1]})


async def _missing(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    sentence = f"there is nothing at {request.url.path[:200]}" if status == 404 else "this address takes another method"
    response = _said(request, status, sentence, program=request.url.path.startswith("/api/"))
    response.headers.update({**_HEADERS, **(getattr(error, "headers", None) or {})})
    return response


def _guarded(page: Page, asker: Asker, guard: Guard) -> Callable[[Request], Awaitable[Response]]:
    """The route's answer, with the guard before it."""

    async def answer(request: Request) -> Response:
        visit_id = request.cookies.get(VISIT, "")
        fresh = "" if len(visit_id) == 32 else secrets.token_hex(16)
        try:
            response = await unless_left(request, _answered(page, asker, guard, request, fresh or visit_id))
        except Refused as refused:
            response = _refused(request, refused, program=page.program)
        except DompetError as error:
            response = _said(request, _STATUS.get(type(error), 503), str(error), program=page.program)
        except Exception:
            log.exception("a fault of dompet's own at %s", page.path)
            response = _said(request, 500, "a fault of dompet's own; the log says more", program=page.program)
        finally:
            await request.close()  # the files of a form
        response.headers.update({name: value for name, value in _HEADERS.items() if name not in response.headers})
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if fresh and not page.program:
            response.set_cookie(VISIT, fresh, httponly=True, samesite="strict", secure=request.url.scheme == "https")
        return response

    return answer


async def _answered(page: Page, asker: Asker, guard: Guard, request: Request, visit_id: str) -> Response:
    guard.check_host(request)
    who = guard.known(request) if page.public else guard.who(request)
    READER.set(who.name if not who.local else visit_id)
    given = dict(request.query_params) if page.public else may(who, page.roles, page.own, dict(request.query_params))
    if page.method == "POST":
        form = await request.form()
        guard.check_form(request, str(form.get("csrf", "")))
    try:
        position = await awaited(asker, given) if page.program else await asker.position()
        lag = await asker.lag(position)
    except (FilterError, Refused):
        raise
    except DompetError:
        if page.stored:
            raise
        position, lag = Position(asker.topic), None
    spoken = language(wanted(request.cookies.get("dompet_language"), request.headers.get("accept-language", "")))
    visit = Visit(request, who, spoken, asker, position, lag, guard.csrf(visit_id), given)
    if not page.stored or page.method != "GET":
        return await page.handler(visit)
    tag = _tag(visit, page, visit_id)
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": tag, "Vary": _VARY})
    response = await page.handler(visit)
    if response.status_code == 200 and not visit.older:
        response.headers["ETag"] = tag
        response.headers["Vary"] = _VARY
    return response


_VARY: Final = "Accept, Accept-Language, Cookie, Authorization"


def _tag(visit: Visit, page: Page, visit_id: str) -> str:
    """Equal while the answer is: for a page also the lag that it shows, the language and the visit of its forms."""
    parts = [
        visit.position.stamp,
        digest(),
        str(visit.request.url),
        visit.who.name,
        visit.request.headers.get("accept", ""),
    ]
    if not page.program:
        parts += [str(visit.lag), visit.language.code, visit_id]
    return f'W/"{hashlib.sha256(chr(10).join(parts).encode("utf-8", "replace")).hexdigest()[:32]}"'


def _refused(request: Request, refused: Refused, *, program: bool) -> Response:
    if refused.status == 401 and not program and request.method == "GET":
        response = Response(status_code=303, headers={"Location": "/sign-in"})
        response.delete_cookie(SESSION)
        return response
    return _said(request, refused.status, str(refused), program=program)


def _said(request: Request, status: int, sentence: str, *, program: bool) -> Response:
    """What went wrong, for a program or on a page."""
    if program:
        return problem(status, sentence)
    spoken = language(wanted(request.cookies.get("dompet_language"), request.headers.get("accept-language", "")))
    html = rendered("error.html", spoken, status=status, sentence=sentence, visit=None)
    headers = {"Retry-After": "2"} if status in (429, 503) else {}
    return Response(html, status, headers, "text/html; charset=utf-8")
