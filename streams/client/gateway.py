"""Events through a gateway: batches in the wire format over HTTP, each event with its result."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from dompet.streams.client.http import ANSWER_S, AWAY, Answer, Connection
from dompet.streams.client.way import NotDelivered, NotLetIn, Outgoing
from dompet.streams.process.patience import Unavailable, delay_s

EVENTS: Final = "/v1/events"
PUBLISHER: Final = "/v1/publisher"
FORM: Final = "application/vnd.dompet.avro-batch"
PATIENCE_S: Final = 900.0
REACH_S: Final = 10.0
_LENGTH_BYTES: Final = 4
_QUOTA: Final = 429
_LATER: Final = frozenset({408, _QUOTA, 500, 502, 503, 504})
"""Statuses after which the same may be sent again: what was stored already counts once."""
_REFUSED: Final = frozenset({"invalid", "forbidden"})


class Gateway:
    """A gateway at a URL, for who has a token.

    What a gateway does not take now (a quota that is used up, a broker that is away, no answer) is sent again when it
    says so, for up to `patience_s` seconds without an event acknowledged; 0: for ever. `say` receives one sentence
    about each kind of wait.
    """

    def __init__(
        self,
        url: str,
        token: str,
        patience_s: float = PATIENCE_S,
        say: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self._connection = Connection(url, token, ANSWER_S)
        self._patience_s = patience_s
        self._say = say
        self._reported: set[int] = set()

    def open(self) -> str:
        """The publisher_id that the token is of. Unavailable where no gateway answers within 10 s, NotLetIn."""
        began_s, failures = time.monotonic(), 0
        while True:
            try:
                answer = self._connection.ask("GET", PUBLISHER)
            except AWAY as fault:
                failures += 1
                if time.monotonic() - began_s >= REACH_S:
                    raise Unavailable(self._away(fault)) from None
                time.sleep(min(1.0, delay_s(failures)))
                continue
            if answer.problem:
                raise NotLetIn(f"{self._connection.place}: {answer.problem}")
            return str(answer.content.get("publisher_id"))

    def deliver(self, events: Sequence[Outgoing]) -> Mapping[int, str]:
        """Send a batch, and again what was not taken, in its order. See Way."""
        pending, refused = list(range(len(events))), dict[int, str]()
        since_s, failures = time.monotonic(), 0
        while pending:
            before, status, wait_s = len(pending), 0, None
            try:
                answer = self._connection.ask("POST", EVENTS, _body(events, pending), FORM)
            except AWAY as fault:
                why = self._away(fault)
            else:
                pending = _left(answer, pending, refused)
                if pending and answer.status not in _LATER:
                    raise NotLetIn(f"{self._connection.place}: {answer.problem or _OTHER}")
                why, status, wait_s = answer.problem, answer.status, answer.retry_s
            if len(pending) < before or status == _QUOTA:
                since_s, failures = time.monotonic(), 0
            if pending:
                failures += 1
                self._wait(pending, why, status, since_s, delay_s(failures) if wait_s is None else wait_s)
        return refused

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _wait(self, pending: Sequence[int], why: str, status: int, since_s: float, wait_s: float) -> None:
        if 0 < self._patience_s <= time.monotonic() - since_s:
            raise NotDelivered(pending, f"{why} (tried for {self._patience_s:g} s)")
        if status not in self._reported:
            self._reported.add(status)
            self._say(f"{why}; what is not acknowledged is sent again")
        time.sleep(wait_s)

    def _away(self, fault: BaseException) -> str:
        return f"no gateway answers at {self._connection.place}: {fault or type(fault).__name__}"


_OTHER: Final = "it answers other events than were sent"


def _body(events: Sequence[Outgoing], places: Sequence[int]) -> bytes:
    """Records, each with its length before it."""
    values = [events[place].value for place in places]
    return b"".join(part for value in values for part in (len(value).to_bytes(_LENGTH_BYTES, "big"), value))


def _left(answer: Answer, sent: list[int], refused: dict[int, str]) -> list[int]:
    """What of that was sent has no final result; what is refused is added. An answer may end before the last event."""
    results = answer.content.get("results")
    results = results if isinstance(results, list) and len(results) <= len(sent) else []
    left = sent[len(results) :]
    again = []
    for place, one in zip(sent, results, strict=False):
        result = one.get("result") if isinstance(one, dict) else None
        if result in _REFUSED:
            refused[place] = str(one.get("reason"))
        elif result != "stored":
            again.append(place)
    return again + left
