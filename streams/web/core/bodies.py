"""How much may be sent with a request: what is longer is refused before it is read to its end."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from dompet.schemas.errors import DompetError
from dompet.streams.web.core.guard import Refused

FORM_BYTES: Final = 1 << 20
"""What a route takes that says nothing else."""
_TOO_LARGE: Final = "exceeded maximum size"
"""In what Starlette says of a field that is larger than a megabyte."""


class TooLong(DompetError):
    """What was sent is longer than the route takes."""


def bounded(request: Request, most: int) -> Request:
    """The request, of whose body no more than so many bytes are read. TooLong where it says that it is longer; else
    reading it raises TooLong.
    """
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:19]) > most:
        raise _too_long(most)
    receive, read = request.receive, 0

    async def counting() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise _too_long(most)
        return message

    return Request(request.scope, counting)


async def read_form(request: Request) -> dict[str, str]:
    """The texts of a form; its files are left in the request. TooLong; Refused where it is no form."""
    try:
        form = await request.form()
    except HTTPException as error:
        if _TOO_LARGE in error.detail:
            raise _too_long(FORM_BYTES) from None
        raise Refused(400, f"the form cannot be read: {error.detail[:200]}") from None
    return {name: text for name, text in form.items() if isinstance(text, str)}


def _too_long(most: int) -> TooLong:
    return TooLong(f"what was sent is longer than {most >> 20} MB")
