"""A reader who leaves before the answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response


async def unless_left(request: Request, answering: Coroutine[Any, Any, Response]) -> Response:
    """The answer; where whoever asked leaves before, what is done for it ends. What writes goes on to its end.

    Raises what the answering does, and what reading the request does.
    """
    if request.method != "GET":
        return await answering
    answered, left = asyncio.create_task(answering), asyncio.create_task(_left(request))
    try:
        await asyncio.wait([answered, left], return_when=asyncio.FIRST_COMPLETED)
        if not answered.done():
            left.result()  # it raises where more is sent than may be
            return Response(status_code=499)  # nobody reads it
        return answered.result()
    finally:
        for task in (answered, left):
            task.cancel()
        await asyncio.gather(answered, left, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
