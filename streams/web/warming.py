"""What pages are made of, asked before anybody comes: sums over the log, and the pages whose questions take long."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from starlette.requests import Request

from dompet.schemas.errors import DompetError
from dompet.streams.access.roles import local_user
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.routes import Page
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.show.language import language

_NOBODY: Final = local_user("nobody")
_SCOPE: Final[Mapping[str, Any]] = {"type": "http", "method": "GET", "query_string": b"", "headers": [], "server": None}


async def warmed(asker: Asker, pages: Iterable[Page]) -> None:
    """Ask what the pages that are `slow` ask, without a filter, one page after the other. What the warehouse refuses is
    left to the first reader, who finds the same fault, and is answered so.
    """
    with suppress(DompetError):
        await asker.warm()
    for page in pages:
        if page.slow:
            request = Request({**_SCOPE, "path": page.path, "path_params": {}})
            with suppress(DompetError):
                visit = Visit(request, _NOBODY, language("en"), asker, await asker.position(), None, "")
                await page.handler(visit)
