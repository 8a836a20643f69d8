"""A gateway asked over HTTP, by one connection that is opened again where it was closed."""

import http.client
import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from dompet.schemas.errors import DompetError
from dompet.streams.process.secrets import remember_secrets

ANSWER_S: Final = 120.0
"""Longer than a gateway takes for a request, whatever happens behind it."""
CHECK_S: Final = 15.0
"""Long enough where nothing is stored."""
_ANSWER_BYTES_MOST: Final = 16 << 20
_USER_AGENT: Final = "dompet"

AWAY: Final = (OSError, http.client.HTTPException)
"""What is raised where nothing answers."""


class NoAddress(DompetError):
    """A gateway's URL or a token is none."""


class Answer(NamedTuple):
    """What a gateway answered. `retry_s`: after so many seconds the same may be asked again; None where it says nothing
    of that.
    """

    status: int
    content: Mapping[str, Any]
    retry_s: float | None

    @property
    def problem(self) -> str:
        """Why it is not as asked; empty where it is."""
        return "" if self.status == 200 else f"{self.status}: {self.content.get('detail') or 'it is no gateway'}"


class Connection:
    """A gateway at a URL, asked with a token. NoAddress where one is none."""

    def __init__(self, url: str, token: str, limit_s: float = ANSWER_S) -> None:
        parts, port = _parts(url)
        if not token:
            raise NoAddress("there is no token: it is the line that `dompet publishers add` printed")
        if not token.isascii() or not token.isprintable() or " " in token:
            raise NoAddress("that is no token: it is one word of letters, digits, - and _")
        remember_secrets([token])
        self.place = f"{parts.scheme}://{parts.netloc}"
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(str(parts.hostname), port, timeout=limit_s)
        self._path = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": _USER_AGENT}

    def ask(self, method: str, path: str, body: bytes | None = None, form: str = "application/json") -> Answer:
        """What is answered; no redirect is followed. Raises what AWAY names where nothing answers."""
        was_open = self._connection.sock is not None
        try:
            return self._ask(method, path, body, form)
        except (ConnectionError, http.client.RemoteDisconnected):
            if not was_open:
                raise
        return self._ask(method, path, body, form)  # the connection was idle for too long

    def close(self) -> None:
        """Close the connection, where it is open."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None, form: str) -> Answer:
        try:
            self._connection.request(method, self._path + path, body, {**self._headers, "Content-Type": form})
            answer = self._connection.getresponse()
            text = answer.read(_ANSWER_BYTES_MOST)
        except BaseException:
            self._connection.close()
            raise
        return Answer(answer.status, _content(text), _seconds(answer.headers.get("Retry-After", "")))


def _parts(url: str) -> tuple[Any, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise NoAddress("a gateway's URL is http://host:port or https://host:port")
    return parts, port


def _content(text: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
