"""What a reader chooses for themselves: the language."""

from starlette.responses import Response

from dompet.streams.web.core.guard import Refused
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.show.language import LANGUAGES

_YEAR_S = 31_536_000


async def choose_language(visit: Visit) -> Response:
    """Remember the language, and go back to the page that was read."""
    code, back = visit.given.get("to", ""), visit.given.get("back", "/")
    if code not in LANGUAGES:
        raise Refused(400, "there are no pages in that language")
    safe = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    response = Response(status_code=303, headers={"Location": back if safe and back.isascii() else "/"})
    response.set_cookie("dompet_language", code, max_age=_YEAR_S, httponly=True, samesite="lax")
    return response
