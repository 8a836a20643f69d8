"""A request's body: read as it comes, within limits of time and of bytes, packed or not."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import cramjam
from aiohttp import web

from dompet.streams.gateway.problems import Problem
from dompet.streams.gateway.rooms import Held

STALL_S: Final = 10.0
"""So long may a client send nothing of a body that has begun."""
BODY_S: Final = 60.0
"""So long may a whole body take."""
_UNPACK: Final[dict[str, Any]] = {"gzip": cramjam.gzip, "zstd": cramjam.zstd}
_UNPACKED_AT_A_TIME: Final = 2


class Bodies:
    """Reads bodies of at most `bytes_max`, before and after they are unpacked."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self._unpacking = asyncio.Semaphore(_UNPACKED_AT_A_TIME)

    async def chunks(self, request: web.BaseRequest, held: Held) -> AsyncIterator[bytes]:
        """The body as it comes. Problem 408, 413, 503."""
        if (request.content_length or 0) > self.bytes_max:
            raise self.too_long()
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        content, loop = request.content, asyncio.get_running_loop()
        size, deadline_s = 0, loop.time() + BODY_S
        while True:
            try:
                if content.is_eof():  # all of it is here: no clock is needed
                    chunk = content.read_nowait()
                else:
                    async with asyncio.timeout_at(min(deadline_s, loop.time() + STALL_S)):
                        chunk = await content.readany()
            except TimeoutError:
                raise Problem(408, f"a body must come within {BODY_S:g} s, without pauses of {STALL_S:g} s") from None
            if not chunk:
                return
            if (size := size + len(chunk)) > self.bytes_max:
                raise self.too_long()
            held.add(len(chunk))
            yield chunk

    async def whole(self, request: web.BaseRequest, held: Held) -> bytes:
        """The body as it was sent. Problem as above."""
        return b"".join([chunk async for chunk in self.chunks(request, held)])

    async def unpacked(self, content: bytes, encoding: str, held: Held) -> bytes:
        """A body as it is meant. Problem 400, 413, 415, 503."""
        if encoding in ("", "identity"):
            return content
        if encoding not in _UNPACK:
            raise Problem(415, f"Content-Encoding {encoding!r} is not read: gzip, zstd or none is")
        held.add(self.bytes_max)
        async with self._unpacking:
            return await asyncio.get_running_loop().run_in_executor(None, self._unpack, content, encoding)

    def too_long(self) -> Problem:
        """The problem of a body that is too long."""
        return Problem(413, f"a body may have {self.bytes_max} bytes, unpacked: send fewer events at a time")

    def _unpack(self, content: bytes, encoding: str) -> bytes:
        room = bytearray(self.bytes_max)
        try:
            size = _UNPACK[encoding].decompress_into(content, room)
        except cramjam.DecompressionError as error:
            if "whole buffer" in str(error):
                raise self.too_long() from None
            raise Problem(400, f"the body is not {encoding}: {error}") from None
        return bytes(memoryview(room)[:size])
