"""From a request to its answer: the guard, the position, the handler; and words for what goes wrong."""

import hashlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dompet.schemas.errors import DompetError
from dompet.streams.answers.filters import FilterError
from dompet.streams.answers.question import CursorError
from dompet.streams.web.api.options import awaited
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.bodies import TooLong, bounded, read_form
from dompet.streams.web.core.clocks import one_moment
from dompet.streams.web.core.guard import SESSION, VISIT, Guard, Refused, may
from dompet.streams.web.core.leaving import unless_left
from dompet.streams.web.core.limits import Busy, TooMuch, TooSlow
from dompet.streams.web.core.position import Position
from dompet.streams.web.core.problems import problem
from dompet.streams.web.core.routes import Page
from dompet.streams.web.core.shares import READER, TooMany
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.show.cells import address
from dompet.streams.web.show.language import Language, language, wanted
from dompet.streams.web.show.templates import digest, rendered

log = logging.getLogger("dompet.web")

HEADERS: Final = {
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
    TooLong: 413,
}
_VARY: Final = "Accept, Accept-Language, Cookie, Authorization"


def guarded(page: Page, asker: Asker, guard: Guard) -> Callable[[Request], Awaitable[Response]]:
    """The route's answer, with the guard before it."""

    async def answer(request: Request) -> Response:
        visit_id = request.cookies.get(VISIT, "")
        fresh = "" if len(visit_id) == 32 else secrets.token_hex(16)
        try:
            request = bounded(request, page.body_bytes)
            response = await unless_left(request, _answered(page, asker, guard, request, fresh or visit_id))
        except Refused as refused:
            response = _refused(request, refused, program=page.program)
        except DompetError as error:
            response = error_response(request, _STATUS.get(type(error), 503), str(error), program=page.program)
        except Exception:
            log.exception("a fault of dompet's own at %s", page.path)
            response = error_response(request, 500, "a fault of dompet's own; the log says more", program=page.program)
        finally:
            await request.close()  # the files of a form
        response.headers.update({name: value for name, value in HEADERS.items() if name not in response.headers})
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if fresh and not page.program:
            response.set_cookie(VISIT, fresh, httponly=True, samesite="strict", secure=request.url.scheme == "https")
        return response

    return answer


def error_response(request: Request, status: int, sentence: str, *, program: bool) -> Response:
    """What went wrong, for a program or on a page."""
    if program:
        return problem(status, sentence)
    html = rendered("error.html", _language_of(request), status=status, sentence=sentence, visit=None)
    headers = {"Retry-After": "2"} if status in (429, 503) else {}
    return Response(html, status, headers, "text/html; charset=utf-8")


async def _answered(page: Page, asker: Asker, guard: Guard, request: Request, visit_id: str) -> Response:
    guard.check_host(request)
    who = guard.known(request) if page.public else guard.who(request)
    READER.set(who.name if not who.local else visit_id)
    given = dict(request.query_params) if page.public else may(who, page.roles, page.own, dict(request.query_params))
    if page.method == "GET" and not page.program and (clean := one_moment(given)):
        return RedirectResponse(address(request.url.path, clean), 303)
    if page.method == "POST":
        form = await read_form(request)
        guard.check_form(request, form.get("csrf", ""))
    try:
        position = await awaited(asker, given) if page.program else await asker.position()
        lag = await asker.lag(position)
    except (FilterError, Refused):
        raise
    except DompetError:
        if page.stored:
            raise
        position, lag = Position(asker.topic), None
    visit = Visit(request, who, _language_of(request), asker, position, lag, guard.csrf(visit_id), given)
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


def _language_of(request: Request) -> Language:
    """The reader's language."""
    return language(wanted(request.cookies.get("dompet_language"), request.headers.get("accept-language", "")))


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
    return error_response(request, refused.status, str(refused), program=program)
