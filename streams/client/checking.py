"""A publisher's check of a gateway: the connection, the log behind it, the token, and one event that is not stored."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from dompet.streams.client.gateway import EVENTS, PUBLISHER
from dompet.streams.client.http import AWAY, Connection
from dompet.streams.publishers.entries import Kind

_MINE: Final[Mapping[str, Mapping[str, Any]]] = {
    Kind.PLATFORM: {"type": "CourseReviewed", "rating": 5},
    Kind.INSTITUTION: {"type": "CourseRedeemed"},
    Kind.PROGRAMME: {"type": "SurveySubmitted", "survey_no": 1},
}
"""An event that each kind may say, as far as the kinds differ."""
_COMMON: Final = {"beneficiary_id": "b-check", "occurred_at": "2020-04-11T08:00:00Z"}


class Finding(NamedTuple):
    """One step of the check. `problem` is empty where it went well."""

    step: str
    said: str
    problem: str


def checked(gateway: Connection, publisher_id: str) -> Iterator[Finding]:
    """Each step as it is done; the last one is the first that has a problem."""
    try:
        for step in (_connection(gateway), _log(gateway), _token(gateway, publisher_id), _event(gateway, publisher_id)):
            yield step
            if step.problem:
                return
    except AWAY as error:
        yield Finding("connection", "", f"no gateway answers: {error or type(error).__name__}")


def _connection(gateway: Connection) -> Finding:
    answer = gateway.ask("GET", "/health")
    return Finding("connection", "the gateway answers", answer.problem)


def _log(gateway: Connection) -> Finding:
    answer = gateway.ask("GET", "/ready")
    return Finding("log", "events can be stored", str(answer.content.get("reason") or "") or answer.problem)


def _token(gateway: Connection, publisher_id: str) -> Finding:
    answer = gateway.ask("GET", PUBLISHER)
    found = answer.content
    if problem := answer.problem:
        return Finding("token", "", problem)
    if found.get("publisher_id") != publisher_id:
        return Finding("token", "", f"the token is that of {found.get('publisher_id')}, not of {publisher_id}")
    return Finding("token", f"{found.get('kind')}, {found.get('quota')} events a second", "")


def _event(gateway: Connection, publisher_id: str) -> Finding:
    kind = str(gateway.ask("GET", PUBLISHER).content.get("kind"))
    event = {**_COMMON, **_MINE.get(kind, {}), "event_id": "check", "publisher_id": publisher_id}
    if kind != Kind.PROGRAMME:
        of = (
            {"platform_id": publisher_id}
            if kind == Kind.PLATFORM
            else {"platform_id": "p", "institution_id": publisher_id}
        )
        event = {**event, **of, "order_id": "check"}
    answer = gateway.ask("POST", f"{EVENTS}?dry_run=1", json.dumps(event).encode())
    return Finding("event", "an event is taken (it was not stored)", answer.problem)
