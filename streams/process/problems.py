"""What goes wrong, for a program that asks over HTTP: problem details (RFC 9457)."""

import json
from typing import Any, Final

CONTENT_TYPE: Final = "application/problem+json"
TITLES: Final = {
    400: "The request does not hold",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not this way",
    406: "Not in that format",
    408: "Too slow",
    413: "Too much is asked for",
    415: "Not in that form",
    421: "Not this host",
    422: "Not as it must be",
    429: "Too many questions at a time",
    500: "A fault of dompet's own",
    503: "Not now",
}


def problem_content(status: int, detail: str, **more: Any) -> bytes:
    """The answer's body; `more` are members of its own."""
    body = {"type": "about:blank", "title": TITLES[status], "status": status, "detail": detail, **more}
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
