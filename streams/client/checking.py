"""A publisher's check of a gateway: the connection, the log behind it, the token, and one event that is not stored."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from dompet.streams.client.finding import Finding
from dompet.streams.client.gateway import EVENTS, PUBLISHER
from dompet.streams.client.http import AWAY, Answer, Connection
from dompet.streams.publishers.entries import Kind

_MINE: Final[Mapping[str, Mapping[str, Any]]] = {
    Kind.PLATFORM: {"type": "CourseReviewed", "rating": 5},
    Kind.INSTITUTION: {"type": "CourseRedeemed"},
    Kind.PROGRAMME: {"type": "SurveySubmitted", "survey_no": 1},
}
"""An event that each kind may say, as far as the kinds differ."""
_A_GATEWAYS: Final = (200, 401, 403, 503)
"""What a gateway answers who asks who calls."""
_COMMON: Final = {"beneficiary_id": "b-check", "occurred_at": "2020-04-11T08:00:00Z"}


def checked(gateway: Connection, publisher_id: str) -> Iterator[Finding]:
    """Each step as it is done; the last one is the first that has a problem."""
    try:
        for step in _steps(gateway, publisher_id):
            yield step
            if step.problem:
                return
    except AWAY as error:
        yield Finding("connection", "", f"no gateway answers: {error or type(error).__name__}")


def _steps(gateway: Connection, publisher_id: str) -> Iterator[Finding]:
    caller = gateway.ask("GET", PUBLISHER)
    other = "" if caller.status in _A_GATEWAYS else f"what answers at {gateway.place} is no gateway ({caller.status})"
    yield Finding("connection", "the gateway answers", other)
    answer = gateway.ask("GET", "/ready")
    yield Finding("log", "events can be stored", str(answer.content.get("reason") or "") or answer.problem)
    yield _token(caller, publisher_id)
    answer = gateway.ask("POST", f"{EVENTS}?dry_run=1", _event(str(caller.content.get("kind")), publisher_id))
    yield Finding("event", "an event is taken (it was not stored)", answer.problem)


def _token(answer: Answer, publisher_id: str) -> Finding:
    found = answer.content
    if problem := answer.problem:
        return Finding("token", "", problem)
    if found.get("publisher_id") != publisher_id:
        return Finding("token", "", f"the token is that of {found.get('publisher_id')}, not of {publisher_id}")
    return Finding("token", f"{found.get('kind')}, {found.get('quota')} events a second", "")


def _event(kind: str, publisher_id: str) -> bytes:
    """An event that a publisher of this kind may say."""
    event = {**_COMMON, **_MINE.get(kind, {}), "event_id": "check", "publisher_id": publisher_id}
    if kind != Kind.PROGRAMME:
        of = (
            {"platform_id": publisher_id}
            if kind == Kind.PLATFORM
            else {"platform_id": "p", "institution_id": publisher_id}
        )
        event = {**event, **of, "order_id": "check"}
    return json.dumps(event).encode()
