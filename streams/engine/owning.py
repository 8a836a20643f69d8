"""What dompet's own processes ask: any statement. A block to insert lies in a file of theirs, which its path in the
statement names, or comes with the request.
"""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from dompet.streams.engine.asked import Asked
from dompet.streams.engine.connections import Connections
from dompet.streams.engine.figures import Outcome
from dompet.streams.engine.folder import EngineQuery
from dompet.streams.engine.refusals import BAD_ARGUMENTS, Refusal
from dompet.streams.engine.rights import OWNER
from dompet.streams.engine.running import PIECE_BYTES, Running
from dompet.streams.engine.sending import Sender
from dompet.streams.warehouse.holder import BLOCK
from dompet.streams.warehouse.memory_files import memory_file, path_of

_AT_ONCE: Final = 32
_STATEMENT_BYTES_MAX: Final = 16 << 20
_READS: Final = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)
"""What is ended when its asker leaves. A statement that writes goes on to its end."""


class OwnerEndpoint:
    """Answers owners."""

    def __init__(self, connections: Connections, sender: Sender) -> None:
        self._connections = connections
        self._sender = sender
        self._asking = ThreadPoolExecutor(_AT_ONCE, "owners")
        self._killing = ThreadPoolExecutor(1, "ends owners' queries")

    async def answer(self, request: web.BaseRequest, outcome: Outcome) -> web.StreamResponse:
        """What an owner's request is answered; `outcome` takes note of how it ends.

        With `query` in the address the body is the block; `default_format`
        there says that an answer is wanted, and in which format.
        """
        query_id = str(uuid.uuid4())
        try:
            async with self._statement(request) as sql:
                return await self._run(request, sql, query_id, outcome)
        except Refusal as refusal:
            outcome.refused(refusal)
            return self._sender.refusal(refusal, query_id, compress=False)

    async def close(self) -> None:
        """Return once nothing runs any more. To be called when nobody can ask any more."""
        for pool in (self._asking, self._killing):
            await asyncio.to_thread(pool.shutdown)

    async def _run(self, request: web.BaseRequest, sql: str, query_id: str, outcome: Outcome) -> web.StreamResponse:
        database, form = request.query.get("database", "default"), request.query.get("default_format", "")
        into = f" INTO OUTFILE '{{}}' TRUNCATE FORMAT {form}" if form else ""
        tagged = " SETTINGS log_comment = '{}'" if _READS.match(sql) else ""

        def write_sql(path: str, tag: str) -> str:
            return sql + into.format(path) + tagged.format(tag)

        running = Running(EngineQuery(self._connections, OWNER, database, write_sql, {}))
        outcome.running = running
        running.start(self._asking)
        asked = Asked(sql, OWNER, "", database, form, query_id, encoding="", compress=False, wait_for_end=False)
        try:
            return await self._sender.send(request, asked, running, query_id, form)
        finally:
            await asyncio.shield(running.stop(self._killing))

    @asynccontextmanager
    async def _statement(self, request: web.BaseRequest) -> AsyncIterator[str]:
        """The statement, with the path of the block that came along in its place."""
        sql = request.query.get("query", "")
        if not sql:
            content = bytearray()
            async for piece in request.content.iter_any():
                content += piece
                if len(content) > _STATEMENT_BYTES_MAX:
                    raise Refusal(BAD_ARGUMENTS, f"the statement is longer than {_STATEMENT_BYTES_MAX} bytes")
            yield content.decode()
            return
        with memory_file("block") as block:
            async for piece in request.content.iter_chunked(PIECE_BYTES):
                block.write(piece)
            block.flush()
            yield sql.replace(BLOCK, path_of(block), 1)
