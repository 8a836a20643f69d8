"""Signing in: a token is given once, and becomes a session; and signing out."""

from starlette.responses import Response

from dompet.streams.web.core.guard import SESSION, SESSION_S, Refused
from dompet.streams.web.core.visit import Visit


async def form(visit: Visit) -> Response:
    """The form; who needs no sign-in goes on."""
    if visit.who.roles:
        return Response(status_code=303, headers={"Location": "/"})
    return visit.page("sign-in.html", wrong="")


async def sign_in(visit: Visit) -> Response:
    """Take a token."""
    sent = await visit.request.form()
    token = str(sent.get("token", "")).strip()
    guard = visit.request.app.state.guard
    try:
        session = guard.session_for(token)
    except Refused:
        visit.status = 401
        wrong = visit.text(
            "Nobody has this token. It may have been revoked, or be mistyped: tokens begin with dompet_."
        )
        return visit.page("sign-in.html", wrong=wrong)
    response = Response(status_code=303, headers={"Location": "/"})
    secure = visit.request.url.scheme == "https"
    response.set_cookie(SESSION, session, max_age=SESSION_S, httponly=True, samesite="strict", secure=secure)
    return response


async def sign_out(visit: Visit) -> Response:
    """End the session in this browser."""
    response = Response(status_code=303, headers={"Location": "/sign-in"})
    response.delete_cookie(SESSION)
    return response
