"""What the pages count for Prometheus: requests by route, never by what they ask for."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from dompet.streams.metrics.recording import Times, times_of

if TYPE_CHECKING:
    from dompet.streams.metrics.exposition import Reading

NO_ROUTE: Final = "none"
_METHODS: Final = frozenset({"GET", "HEAD", "POST"})
"""Those that a route may take: a client may write any word there."""
_OTHER: Final = "other"

Answer = Callable[[Request], Awaitable[Response]]


class Requests:
    """All requests of a process. For its event loop; read by any thread."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, str], int] = {}
        self._times: dict[str, Times] = {}

    def counted(self, route: str, answer: Answer) -> Answer:
        """The same answer, counted under the route's template."""

        async def counting(request: Request) -> Response:
            began = time.monotonic()
            response = await answer(request)
            self.add(route, request.method, response.status_code, time.monotonic() - began)
            return response

        return counting

    def add(self, route: str, method: str, code: int, seconds: float) -> None:
        """Count one."""
        key = (route, method if method in _METHODS else _OTHER, str(code))
        self._counts[key] = self._counts.get(key, 0) + 1
        if route not in self._times:
            self._times[route] = times_of("dompet_request_seconds")
        self._times[route].add(seconds)

    def readers(self) -> Mapping[str, Callable[[], "Reading"]]:
        """By a family's name, what reads it."""
        return {
            "dompet_requests_total": lambda: dict(self._counts),
            "dompet_request_seconds": lambda: {(route,): times for route, times in dict(self._times).items()},
        }
