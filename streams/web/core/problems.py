"""What goes wrong, for a program: problem details (RFC 9457)."""

import json
from typing import Any, Final

from starlette.responses import Response

TITLES: Final = {
    400: "The request does not hold",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not this way",
    406: "Not in that format",
    413: "Too much is asked for",
    421: "Not this host",
    429: "Too many questions at a time",
    500: "A fault of dompet's own",
    503: "Not now",
}


def problem(status: int, detail: str, **more: Any) -> Response:
    """The answer for a program; `more` are members of its own."""
    headers = {"Retry-After": "2"} if status in (429, 503) else {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    body = {"type": "about:blank", "title": TITLES[status], "status": status, "detail": detail, **more}
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, status, headers, "application/problem+json")
