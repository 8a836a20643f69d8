"""Why a request is not answered as it was meant."""

from typing import Any, Final

from aiohttp import web

from dompet.schemas.errors import DompetError
from dompet.streams.process.problems import CONTENT_TYPE, problem_content

RETRY_S: Final = 2
"""After so many seconds it may be tried again, where nothing says it better."""


class Problem(DompetError):
    """A request ends with this status and this sentence. `refused`: for the figures, why somebody was not let in."""

    def __init__(self, status: int, detail: str, *, refused: str = "", retry_s: int = RETRY_S, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.refused = refused
        self.retry_s = retry_s
        self.more = more

    def response(self) -> web.Response:
        """The answer."""
        headers = {"Content-Type": CONTENT_TYPE}
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if self.status in (429, 503):
            headers["Retry-After"] = str(self.retry_s)
        return web.Response(
            body=problem_content(self.status, str(self), **self.more), status=self.status, headers=headers
        )
