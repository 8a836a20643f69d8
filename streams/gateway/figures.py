"""What a gateway counts for Prometheus, and the lines that it logs about who was not let in."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from dompet.streams.gateway.results import Result
from dompet.streams.metrics.recording import Times, times_of
from dompet.streams.process.logs import Sparingly

if TYPE_CHECKING:
    from dompet.streams.metrics.exposition import Reading

log = logging.getLogger("dompet.gateway")

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE"})
_OTHER: Final = "other"
_LABELS: Final = {result: (result.value,) for result in Result}


class Figures:
    """All requests and events of a process. For its event loop; read by any thread."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str, str], int] = {}
        self._times: dict[str, Times] = {}
        self._events: dict[tuple[str], int] = dict.fromkeys(_LABELS.values(), 0)
        self._refused: dict[tuple[str], int] = {}
        self._log = Sparingly(log)

    def add_request(self, route: str, method: str, code: int, seconds: float) -> None:
        """Count one, by its route's template."""
        key = (route, method if method in _METHODS else _OTHER, str(code))
        self._requests[key] = self._requests.get(key, 0) + 1
        if route not in self._times:
            self._times[route] = times_of("dompet_gateway_request_seconds")
        self._times[route].add(seconds)

    def add_events(self, counts: Mapping[Result, int]) -> None:
        """Count events by their results."""
        for result, count in counts.items():
            if count:
                self._events[_LABELS[result]] += count

    def refuse(self, reason: str, what: str) -> None:
        """Count and log that somebody, or an event, was not let in."""
        self._refused[(reason,)] = self._refused.get((reason,), 0) + 1
        self._log.warning("refused (%s): %s", reason, what)

    def readers(
        self, waiting: Callable[[], float], connections: Callable[[], float]
    ) -> Mapping[str, Callable[[], "Reading"]]:
        """By a family's name, what reads it."""
        return {
            "dompet_gateway_requests_total": lambda: dict(self._requests),
            "dompet_gateway_request_seconds": lambda: {(route,): one for route, one in dict(self._times).items()},
            "dompet_gateway_events_total": lambda: dict(self._events),
            "dompet_gateway_refused_total": lambda: dict(self._refused),
            "dompet_gateway_waiting_records": waiting,
            "dompet_gateway_connections": connections,
        }
