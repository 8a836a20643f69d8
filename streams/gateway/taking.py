"""`POST /v1/events`: who calls, what is brought, whether it may be said, and what became of it."""

import hashlib
import time
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from aiohttp import web

from dompet.streams.gateway.bodies import Bodies
from dompet.streams.gateway.brought import Inputs
from dompet.streams.gateway.callers import Callers, credentials
from dompet.streams.gateway.figures import Figures
from dompet.streams.gateway.forms import BLOCK_BYTES, LINES, blocks_of_lines, content_type, inputs_of_document
from dompet.streams.gateway.inputs import inputs_of_lines
from dompet.streams.gateway.judging import Judging
from dompet.streams.gateway.log_writer import LogWriter
from dompet.streams.gateway.problems import Problem
from dompet.streams.gateway.quotas import Quotas
from dompet.streams.gateway.results import Results
from dompet.streams.gateway.rooms import READ_AHEAD_BYTES, Held, Rooms
from dompet.streams.publish.blocks import LineBlocks
from dompet.streams.publishers.entries import PublisherEntry

DOCUMENT_BYTES: Final = 2 << 20
"""A body that is one document may have so many bytes unpacked: it is parsed in one go."""
_DRY_RUN: Final = "dry_run"
_FLAGS: Final = {"1": True, "true": True, "0": False, "false": False}


class _Options(NamedTuple):
    form: str
    encoding: str
    dry_run: bool


class Taking:
    """Takes events in."""

    def __init__(self, callers: Callers, rooms: Rooms, bodies: Bodies, writer: LogWriter, figures: Figures) -> None:
        self._callers = callers
        self._rooms = rooms
        self._bodies = bodies
        self._writer = writer
        self._figures = figures
        self._judging = Judging(writer, figures)
        self._quotas = Quotas()

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """A result for each event. Problem where the request as a whole is refused."""
        options = _options(request)
        results = Results()
        try:
            with self._rooms.held(request.remote or "") as held:
                caller, blocks = await self._begin(request, options, held)
                async for inputs in blocks:
                    await self._take(inputs, caller, options.dry_run, results)
        except Problem as problem:
            raise results.problem(problem) from None
        finally:
            self._figures.add_events(results.counts)
        return results.response()

    async def _begin(
        self, request: web.BaseRequest, options: _Options, held: Held
    ) -> tuple[PublisherEntry, AsyncIterator[Inputs]]:
        """Who calls, and what is brought, a block at a time."""
        given = credentials(request)
        if given.signed:
            self._callers.before_the_body(given)
            if not request.content.is_eof():
                held.add(2 * READ_AHEAD_BYTES)
            content = await self._bodies.whole(request, held)
            body_sha256 = hashlib.sha256(content).hexdigest()
            caller = self._callers.by_signature(given, request.method, request.raw_path, body_sha256)
            held.verify(caller.publisher_id)
            self._admit(caller, options)
            return caller, self._whole(request, options, held, content)
        caller = self._callers.by_token(given)
        held.verify(caller.publisher_id)
        self._admit(caller, options)
        if options.form in LINES and not options.encoding:
            return caller, self._streamed(request, held)
        return caller, self._whole(request, options, held, None)

    def _admit(self, caller: PublisherEntry, options: _Options) -> None:
        """Problem 429 where the quota is used up, 503 where nothing can be stored now."""
        self._quotas.check(caller.publisher_id, caller.quota, time.monotonic())
        if self._writer.complaint and not options.dry_run:
            raise Problem(503, self._writer.complaint)

    async def _streamed(self, request: web.BaseRequest, held: Held) -> AsyncIterator[Inputs]:
        """Lines as they come, each block judged and stored before more is read."""
        blocks, waiting, size = LineBlocks(), list[bytes](), 0
        async for chunk in self._bodies.chunks(request, held):
            waiting.append(chunk)
            if (size := size + len(chunk)) >= BLOCK_BYTES:
                for block in blocks.take(b"".join(waiting)):
                    yield inputs_of_lines(block.text, block.text_at, block.cut_bytes)
                waiting, size = [], 0
        for block in (*blocks.take(b"".join(waiting)), *blocks.end()):
            yield inputs_of_lines(block.text, block.text_at, block.cut_bytes)

    async def _whole(
        self, request: web.BaseRequest, options: _Options, held: Held, content: bytes | None
    ) -> AsyncIterator[Inputs]:
        """A body that is read to its end first: packed, signed, or one document."""
        if content is None:
            content = await self._bodies.whole(request, held)
        content = await self._bodies.unpacked(content, options.encoding, held)
        if options.form in LINES:
            for inputs in blocks_of_lines(content):
                yield inputs
            return
        if len(content) > DOCUMENT_BYTES:
            limit = f"a body of {options.form} may have {DOCUMENT_BYTES} bytes, unpacked"
            raise Problem(413, f"{limit}: events a line (application/x-ndjson) may have more")
        yield inputs_of_document(content, options.form, request.headers)

    async def _take(self, inputs: Inputs, caller: PublisherEntry, dry_run: bool, results: Results) -> None:
        own = caller.publisher_id
        self._quotas.take(own, caller.quota, len(inputs), time.monotonic())
        if not self._callers.still(caller):
            raise Problem(403, f"{own} may not send events any more", refused="suspended")
        await self._judging.take(inputs, own, results, dry_run=dry_run)


def _options(request: web.BaseRequest) -> _Options:
    """What the address and the headers ask for. Problem 400, 415."""
    if unknown := request.query.keys() - {_DRY_RUN}:
        raise Problem(400, f"there is no parameter {sorted(unknown)[0]!r}: {_DRY_RUN}=1 judges and stores nothing")
    values = request.query.getall(_DRY_RUN, ["0"])
    if len(values) != 1 or values[0] not in _FLAGS:
        raise Problem(400, f"{_DRY_RUN} is given once, and is 1 or 0")
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    return _Options(content_type(request.headers), "" if encoding == "identity" else encoding, _FLAGS[values[0]])
