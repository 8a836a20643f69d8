"""Who may have an answer: the Host that a browser names, the sign-in, the role, and the token that a form carries."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from starlette.requests import Request

from dompet.schemas.errors import DompetError
from dompet.streams.access.roles import Role, Who
from dompet.streams.process.hosts import LOOPBACK, host_of

SESSION: Final = "dompet_session"
VISIT: Final = "dompet_visit"
SESSION_S: Final = 8 * 3600


class Refused(DompetError):
    """Somebody may not have this; `status` is HTTP's word for why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Entrances(Protocol):
    """Where the entries of those who may enter are looked up."""

    def by_token(self, token: str) -> tuple[Who, str] | None:
        """Who has this token, and what names it."""

    def by_name(self, name: str) -> Who | None:
        """Who has this name."""

    def holds(self, name: str, token_id: str) -> bool:
        """Whether the entry still has the token that is named so."""


@dataclass(frozen=True)
class Guard:
    """`entrances` is None where everybody is the local user. `proxy_header` is one that a trusted proxy sets."""

    secret: bytes
    local: Who | None = None
    entrances: Entrances | None = None
    names: frozenset[str] = frozenset()
    proxy_header: str = ""
    now_s: Callable[[], float] = field(default=time.time)

    def check_host(self, request: Request) -> None:
        """Refused where the Host is none of this process's: another site's name may have been led to this address."""
        name = host_of(request.headers.get("host", ""))
        if name not in LOOPBACK | self.names:
            raise Refused(421, f"no pages are served under the name {name[:100] or 'that is missing'}")

    def who(self, request: Request) -> Who:
        """Who asks. Refused with 401 where nobody signed in."""
        if self.local is not None:
            return self.local
        assert self.entrances is not None  # noqa: S101  (a process that is not local has them)
        if self.proxy_header and (name := request.headers.get(self.proxy_header)):
            if found := self.entrances.by_name(name):
                return found
            raise Refused(403, f"{name[:64]} has no entry: `dompet access add` makes one")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and (known := self.entrances.by_token(token.strip())):
            return known[0]
        if signed := self._session(request):
            return signed
        raise Refused(401, "sign in first")

    def known(self, request: Request) -> Who:
        """Who asks; nobody in particular where nobody signed in."""
        try:
            return self.who(request)
        except Refused:
            return Who("", frozenset())

    def session_for(self, token: str) -> str:
        """The cookie that stands for a token; Refused where nobody has it."""
        known = self.entrances.by_token(token) if self.entrances else None
        if known is None:
            raise Refused(401, "nobody has this token: it may have been revoked, or be mistyped")
        who, token_id = known
        content = f"{who.name}\n{token_id}\n{int(self.now_s()) + SESSION_S}\n{secrets.token_hex(8)}"
        return f"{content.encode().hex()}.{self._sign('session', content)}"

    def csrf(self, visit: str) -> str:
        """What forms of a visit carry."""
        return self._sign("form", visit)

    def check_form(self, request: Request, token: str) -> None:
        """Refused where a form does not come from one of our own pages."""
        origin, visit = request.headers.get("origin"), request.cookies.get(VISIT, "")
        own = {f"{scheme}://{request.headers.get('host', '')}" for scheme in ("http", "https")}
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Refused(403, "the form comes from another site")
        if (origin not in (None, "null") and origin not in own) or not visit:
            raise Refused(403, "the form comes from another site")
        if not hmac.compare_digest(self.csrf(visit).encode(), token.encode("utf-8", "replace")):
            raise Refused(403, "the form is too old: load its page again, and send it once more")

    def _session(self, request: Request) -> Who | None:
        coded, _, signature = request.cookies.get(SESSION, "").partition(".")
        try:
            content = bytes.fromhex(coded).decode()
            name, token_id, ends_s, _ = content.split("\n")
        except ValueError:
            return None
        if not hmac.compare_digest(self._sign("session", content), signature) or float(ends_s) < self.now_s():
            return None
        if self.entrances is None or not self.entrances.holds(name, token_id):
            return None
        return self.entrances.by_name(name)

    def _sign(self, what: str, content: str) -> str:
        return hmac.new(self.secret, f"{what}\n{content}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def may(who: Who, roles: frozenset[Role], own: frozenset[str], given: dict[str, str]) -> dict[str, str]:
    """The filters with which somebody may ask; Refused where they may not. A publisher asks of its own things only:
    `own` are the filters that say whose they are.
    """
    if who.may(roles):
        return given
    if Role.PUBLISHER in who.roles and own:
        for name in own:
            if given.get(name, who.party) != who.party:
                raise Refused(403, f"{who.name} may see only what is of {who.party}")
        return {**given, **dict.fromkeys(own, who.party)}
    needed = " or ".join(sorted(roles)) or "nobody"
    raise Refused(403, f"{who.name} may not see this: it takes the role {needed}")
