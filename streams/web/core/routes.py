"""A route: where it is, who may have it, and what answers. All of them are declared by their rooms as data."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from dompet.streams.access.roles import Role
from dompet.streams.web.core.bodies import FORM_BYTES
from dompet.streams.web.core.visit import Visit

Handler = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True)
class Page:
    """`own` names the filters by which a publisher's own things are meant, where it may see those. `live` answers go
    on and are never the same; `stored` ones are the same as long as no checkpoint moves.
    """

    path: str
    handler: Handler
    roles: frozenset[Role]
    method: str = "GET"
    own: frozenset[str] = frozenset()
    stored: bool = True
    public: bool = False
    """Whether somebody who did not sign in may have it."""
    program: bool = False
    """Whether a program asks: what goes wrong is reported as problem details."""
    slow: bool = False
    """Whether its questions take long on a large journal: they are asked before the first reader comes."""
    body_bytes: int = FORM_BYTES
    """The most that may be sent with a request."""
