"""Who calls: by a bearer token, or by a signature where the publisher has a public key."""

import time
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from dompet.streams.gateway.problems import Problem
from dompet.streams.gateway.signatures import SeenSignatures, check_clock, is_signed, signed_text
from dompet.streams.publishers.entries import PublisherEntry, Publishers

_BEARER: Final = "bearer "
_UNKNOWN: Final = "nobody has this token: who runs dompet makes one (`dompet publishers add`, `rotate`)"
_UNSIGNED: Final = "the signature does not hold"
_TOKEN_CHARACTERS_MOST: Final = 256


@dataclass(frozen=True)
class Credentials:
    """What the headers of a request say about who calls. Header values are as sent; empty where none is."""

    token: str
    partner: str
    timestamp: str
    signature: str

    @property
    def signed(self) -> bool:
        """Whether there is a signature over the body."""
        return bool(self.signature or self.timestamp or self.partner)


class Callers:
    """Lets publishers in."""

    def __init__(self, publishers: Publishers) -> None:
        self._publishers = publishers
        self._seen = SeenSignatures()

    def by_token(self, given: Credentials) -> PublisherEntry:
        """The caller of a request without a signature. Problem 401, 403."""
        if not given.token:
            raise Problem(401, "a request needs `Authorization: Bearer TOKEN`, or a signature", refused="token")
        entry = self._publishers.by_token(given.token)
        if entry is None:
            raise Problem(401, _UNKNOWN, refused="token")
        if entry.keys:
            raise Problem(401, f"requests of {entry.publisher_id} must be signed by its key", refused="signature")
        return _active(entry)

    def before_the_body(self, given: Credentials) -> None:
        """Refuse what no body can make good. Problem 401, 403."""
        check_clock(given.timestamp, time.time())
        entry = self._publishers.get(given.partner)
        if entry is None or not entry.keys or not given.signature:
            raise Problem(401, _UNSIGNED, refused="signature")
        owner = self._publishers.by_token(given.token) if given.token else entry
        if owner is None or owner.publisher_id != entry.publisher_id:
            raise Problem(401, _UNKNOWN, refused="token")

    def by_signature(self, given: Credentials, method: str, path: str, body_sha256: str) -> PublisherEntry:
        """The caller of a signed request whose whole body is here. Problem 401, 403, 503."""
        self.before_the_body(given)
        text = signed_text(method, path, given.token, body_sha256, given.timestamp)
        entry = self._publishers.get(given.partner)
        if entry is None or not is_signed(entry, given.signature, text):
            raise Problem(401, _UNSIGNED, refused="signature")
        entry = _active(entry)
        self._seen.remember(entry.publisher_id, text, time.time())
        return entry

    def still(self, entry: PublisherEntry) -> bool:
        """Whether the caller of a request that lasts may go on."""
        now = self._publishers.get(entry.publisher_id)
        return now is entry or (now is not None and not now.suspended and _shares(now, entry))


def credentials(request: web.BaseRequest) -> Credentials:
    """What the headers say. Problem 400 where one of them is there twice."""
    authorization = _header(request, "Authorization")
    if authorization and not authorization.lower().startswith(_BEARER):
        raise Problem(401, "`Authorization` must be `Bearer TOKEN`", refused="token")
    token = authorization[len(_BEARER) :].strip()
    if len(token) > _TOKEN_CHARACTERS_MOST:
        raise Problem(401, _UNKNOWN, refused="token")
    return Credentials(token, *(_header(request, name) for name in ("X-PARTNER-ID", "X-TIMESTAMP", "X-SIGNATURE")))


def _header(request: web.BaseRequest, name: str) -> str:
    values = request.headers.getall(name, [])
    if len(values) > 1:
        raise Problem(400, f"the header {name} is there more than once")
    return values[0].strip() if values else ""


def _active(entry: PublisherEntry) -> PublisherEntry:
    if entry.suspended:
        raise Problem(403, f"{entry.publisher_id} is suspended: nothing is taken of it", refused="suspended")
    return entry


def _shares(now: PublisherEntry, before: PublisherEntry) -> bool:
    """Whether a token or key of before is valid now."""
    return bool({one for one, _ in now.tokens} & {one for one, _ in before.tokens} or set(now.keys) & set(before.keys))
