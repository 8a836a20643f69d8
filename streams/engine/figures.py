"""What an engine counts for Prometheus: once a query."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dompet.streams.engine.listening import Listener
from dompet.streams.engine.refusals import CANCELLED, TOO_MANY_QUERIES, Refusal
from dompet.streams.engine.running import Running
from dompet.streams.engine.turns import Turns
from dompet.streams.metrics.recording import times_of

if TYPE_CHECKING:
    from dompet.streams.metrics.exposition import Reading

GUEST_QUERY: Final = "guest"
OWN_QUERY: Final = "own"
_KINDS: Final = (GUEST_QUERY, OWN_QUERY)
_OUTCOMES: Final = ("answered", "failed", "refused", "busy", "cancelled")


class Outcome:
    """How one query ends."""

    def __init__(self) -> None:
        self.name = "answered"
        self.running: Running | None = None
        """Set once it runs."""

    def refused(self, refusal: Refusal) -> None:
        """It was answered with this."""
        if refusal.code == CANCELLED:
            self.name = "cancelled"
        elif self.running is not None:
            self.name = "failed"
        else:
            self.name = "busy" if refusal.code == TOO_MANY_QUERIES else "refused"


class Tally:
    """All queries of an engine. For its event loop; read by any thread."""

    def __init__(self, turns: Turns, guests: Listener | None) -> None:
        self._turns = turns
        self._guests = guests
        self._queries = {(kind, outcome): 0 for kind in _KINDS for outcome in _OUTCOMES}
        self._sent = dict.fromkeys(_KINDS, 0)
        self._times = {kind: times_of("dompet_engine_query_seconds") for kind in _KINDS}

    @contextmanager
    def query(self, kind: str) -> Iterator[Outcome]:
        """Counts one query, which the block answers. Where the block is cancelled, so was the query."""
        outcome, began = Outcome(), time.monotonic()
        try:
            yield outcome
        except Exception:
            outcome.name = "failed"
            raise
        except BaseException:
            outcome.name = "cancelled"
            raise
        finally:
            if outcome.running is not None:
                self._sent[kind] += outcome.running.sent_bytes
                if outcome.running.fault is not None:
                    outcome.refused(outcome.running.fault)
            self._queries[kind, outcome.name] += 1
            self._times[kind].add(time.monotonic() - began)

    def readers(self) -> Mapping[str, Callable[[], "Reading"]]:
        """By a family's name, what reads it."""
        return {
            "dompet_engine_queries_total": lambda: dict(self._queries),
            "dompet_engine_query_seconds": lambda: {(kind,): times for kind, times in self._times.items()},
            "dompet_engine_sent_bytes_total": lambda: {(kind,): sent for kind, sent in self._sent.items()},
            "dompet_engine_connections_refused_total": lambda: self._guests.refused if self._guests else 0,
            "dompet_engine_running_queries": lambda: self._turns.running,
            "dompet_engine_queued_queries": lambda: self._turns.waiting,
        }
