"""What goes wrong, for a program that asks the API."""

from typing import Any

from starlette.responses import Response

from dompet.streams.process.problems import CONTENT_TYPE, problem_content


def problem(status: int, detail: str, **more: Any) -> Response:
    """The answer for a program; `more` are members of its own."""
    headers = {"Retry-After": "2"} if status in (429, 503) else {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return Response(problem_content(status, detail, **more), status, headers, CONTENT_TYPE)
