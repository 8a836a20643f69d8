"""A publisher's check of a gateway: the connection, the log behind it, the token, and one event that is not stored."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from dompet.streams.publishers.entries import Kind, PublisherError

_LIMIT_S: Final = 15
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


class _Answer(NamedTuple):
    status: int
    content: Mapping[str, Any]


class Gateway:
    """A gateway at a URL, asked with a token. PublisherError where the URL or the token is none."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise PublisherError("a gateway's URL is http://host:port or https://host:port")
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise PublisherError("that is no token: it is one word of letters and digits")
        self._is_secure, self._place = parts.scheme == "https", (parts.hostname, parts.port)
        self._path = parts.path.rstrip("/")
        self._token = token

    def ask(self, method: str, path: str, body: bytes | None = None) -> _Answer:
        """What is answered; nothing follows a redirect. OSError and HTTPException where nothing is."""
        kind = http.client.HTTPSConnection if self._is_secure else http.client.HTTPConnection
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        with closing(kind(*self._place, timeout=_LIMIT_S)) as connection:
            connection.request(method, self._path + path, body, headers)
            answer = connection.getresponse()
            try:
                content = json.loads(answer.read(1 << 20))
            except ValueError:
                content = None
            return _Answer(answer.status, content if isinstance(content, dict) else {"detail": "it is no gateway"})


def checked(gateway: Gateway, publisher_id: str) -> Iterator[Finding]:
    """Each step as it is done; the last one is the first that has a problem."""
    try:
        for step in (_connection(gateway), _log(gateway), _token(gateway, publisher_id), _event(gateway, publisher_id)):
            yield step
            if step.problem:
                return
    except (OSError, http.client.HTTPException) as error:
        yield Finding("connection", "", f"no gateway answers: {error or type(error).__name__}")


def _connection(gateway: Gateway) -> Finding:
    answer = gateway.ask("GET", "/health")
    return Finding("connection", "the gateway answers", _problem(answer))


def _log(gateway: Gateway) -> Finding:
    answer = gateway.ask("GET", "/ready")
    return Finding("log", "events can be stored", str(answer.content.get("reason") or "") or _problem(answer))


def _token(gateway: Gateway, publisher_id: str) -> Finding:
    answer = gateway.ask("GET", "/v1/publisher")
    found = answer.content
    if problem := _problem(answer):
        return Finding("token", "", problem)
    if found.get("publisher_id") != publisher_id:
        return Finding("token", "", f"the token is that of {found.get('publisher_id')}, not of {publisher_id}")
    return Finding("token", f"{found.get('kind')}, {found.get('quota')} events a second", "")


def _event(gateway: Gateway, publisher_id: str) -> Finding:
    kind = str(gateway.ask("GET", "/v1/publisher").content.get("kind"))
    event = {**_COMMON, **_MINE.get(kind, {}), "event_id": "check", "publisher_id": publisher_id}
    if kind != Kind.PROGRAMME:
        of = (
            {"platform_id": publisher_id}
            if kind == Kind.PLATFORM
            else {"platform_id": "p", "institution_id": publisher_id}
        )
        event = {**event, **of, "order_id": "check"}
    answer = gateway.ask("POST", "/v1/events?dry_run=1", json.dumps(event).encode())
    return Finding("event", "an event is taken (it was not stored)", _problem(answer))


def _problem(answer: _Answer) -> str:
    return "" if answer.status == 200 else f"{answer.status}: {answer.content.get('detail', '')}"
