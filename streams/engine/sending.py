"""An answer on its way to who asked: whole where it is short, else as it comes; in the form that ClickHouse's clients
expect, also of what goes wrong half-way.
"""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from dompet.streams.engine.asked import Asked
from dompet.streams.engine.encodings import Blocks, Encoded, Packing, Plain
from dompet.streams.engine.headers import NOTHING_YET, Engine, fault, summary
from dompet.streams.engine.hello import hello
from dompet.streams.engine.limits import Limits
from dompet.streams.engine.refusals import TOO_MANY_BYTES, Refusal
from dompet.streams.engine.running import PIECE_BYTES, Running

_IN_MEMORY_BYTES: Final = 8 << 20
"""Of an answer that is to come whole, what is not put on the disk meanwhile."""
_TO_THREAD_BYTES: Final = 1 << 16


class Sender:
    """Sends the answers of one engine."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits

    async def send(
        self, request: web.BaseRequest, asked: Asked, running: Running, query_id: str, form: str
    ) -> web.StreamResponse:
        """The answer of what runs. Refusal where it failed before anything was sent."""
        pieces = self._counted(running)
        packing, headers = self._packing(asked)
        headers |= self._headers(query_id, form)
        if asked.wait_for_end:
            return await self._whole(request, running, packing, headers, pieces)
        head = bytearray()
        async for piece in pieces:
            head += piece
            if len(head) >= PIECE_BYTES:
                break
        else:
            headers["X-ClickHouse-Summary"] = summary(await running.done(), len(head))
            body = await _packed(packing, bytes(head)) + packing.end()
            return web.Response(body=body, headers=headers)
        return await self._streamed(request, running, packing, headers, pieces, bytes(head))

    def hello(self, asked: Asked, query_id: str) -> web.Response:
        """What clickhouse-go is answered at first."""
        packing, headers = self._packing(asked)
        body = packing.piece(hello(self._engine.version, self._engine.timezone)) + packing.end()
        return web.Response(body=body, headers=headers | self._headers(query_id, "Native"))

    def refusal(self, refusal: Refusal, query_id: str, compress: bool) -> web.Response:
        """What is answered where nothing else is."""
        body = refusal.text(self._engine.version).encode("utf-8", "replace")
        headers = self._headers(query_id, "TabSeparated")
        headers["Content-Type"] = "text/plain; charset=UTF-8"
        headers["X-ClickHouse-Exception-Code"] = str(refusal.code)
        if refusal.retry_after_s:
            headers["Retry-After"] = str(refusal.retry_after_s)
        return web.Response(body=Blocks().piece(body) if compress else body, status=refusal.status, headers=headers)

    async def _counted(self, running: Running) -> AsyncIterator[bytes]:
        """The answer as it comes, up to the limit; Refusal then."""
        async for piece in running.pieces():
            running.sent_bytes += len(piece)
            if running.sent_bytes > self._limits.sent_bytes:
                raise Refusal(TOO_MANY_BYTES, f"the answer is longer than {self._limits.sent_bytes} bytes")
            yield piece

    async def _streamed(
        self,
        request: web.BaseRequest,
        running: Running,
        packing: Packing,
        headers: dict[str, str],
        pieces: AsyncIterator[bytes],
        head: bytes,
    ) -> web.StreamResponse:
        tag = secrets.token_hex(8)
        headers |= {"X-ClickHouse-Summary": summary(NOTHING_YET, 0), "X-ClickHouse-Exception-Tag": tag}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        try:
            await self._write(response, await _packed(packing, head))
            async for piece in pieces:
                await self._write(response, await _packed(packing, piece))
            await running.done()
        except Refusal as refusal:
            running.fault = refusal
            await self._write(response, packing.piece(fault(refusal.text(self._engine.version), tag)) + packing.end())
            _hang_up(request)
            return response
        except TimeoutError:
            _hang_up(request, at_once=True)
            return response
        if end := packing.end():
            await self._write(response, end)
        await response.write_eof()
        return response

    async def _whole(
        self,
        request: web.BaseRequest,
        running: Running,
        packing: Packing,
        headers: dict[str, str],
        pieces: AsyncIterator[bytes],
    ) -> web.StreamResponse:
        """The answer once it is whole, for who cannot read of faults half-way."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as gathered:
            async for piece in pieces:
                gathered.write(await _packed(packing, piece))
            headers["X-ClickHouse-Summary"] = summary(await running.done(), gathered.tell())
            gathered.write(packing.end())
            headers["Content-Length"] = str(gathered.tell())
            gathered.seek(0)
            response = web.StreamResponse(headers=headers)
            await response.prepare(request)
            try:
                while piece := gathered.read(PIECE_BYTES):
                    await self._write(response, piece)
            except TimeoutError:
                _hang_up(request, at_once=True)
                return response
            await response.write_eof()
            return response

    async def _write(self, response: web.StreamResponse, content: bytes) -> None:
        """Send it; TimeoutError where nobody reads."""
        async with asyncio.timeout(self._limits.stalled_seconds):
            await response.write(content)

    def _packing(self, asked: Asked) -> tuple[Packing, dict[str, str]]:
        if asked.encoding:
            return Encoded(asked.encoding), {"Content-Encoding": asked.encoding}
        return (Blocks() if asked.compress else Plain()), {}

    def _headers(self, query_id: str, form: str) -> dict[str, str]:
        return {
            "Content-Type": self._engine.content_types.get(form, "application/octet-stream"),
            "Server": "dompet",
            "X-ClickHouse-Query-Id": query_id,
            "X-ClickHouse-Format": form,
            "X-ClickHouse-Timezone": self._engine.timezone,
            "X-ClickHouse-Server-Display-Name": "dompet",
        }


async def _packed(packing: Packing, piece: bytes) -> bytes:
    """The piece, packed; a long one in a thread, so that others are answered meanwhile."""
    if isinstance(packing, Plain) or len(piece) < _TO_THREAD_BYTES:
        return packing.piece(piece)
    return await asyncio.to_thread(packing.piece, piece)


def _hang_up(request: web.BaseRequest, at_once: bool = False) -> None:
    """End the connection without an end of the answer: so everybody sees that it is not whole. `at_once`: whatever is
    not read yet.
    """
    if isinstance(request.transport, asyncio.Transport):
        request.transport.abort() if at_once else request.transport.close()
