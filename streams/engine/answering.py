"""From a guest's request to its answer: whether it may be asked, whose turn it is; then it runs."""

import asyncio
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from aiohttp import web

from dompet.streams.engine.asked import Asked, read_question
from dompet.streams.engine.connections import Connections
from dompet.streams.engine.figures import Query
from dompet.streams.engine.guest_settings import chosen_together, limited
from dompet.streams.engine.guests import Guests, Statement
from dompet.streams.engine.headers import Engine
from dompet.streams.engine.hello import is_hello
from dompet.streams.engine.kills import kill_answer, killed
from dompet.streams.engine.limits import Limits, Turns
from dompet.streams.engine.looking import Functions
from dompet.streams.engine.refusals import ACCESS_DENIED, QUERY_WITH_SAME_ID, UNKNOWN_FORMAT, UNKNOWN_TABLE, Refusal
from dompet.streams.engine.rights import GUEST
from dompet.streams.engine.running import Running
from dompet.streams.engine.sending import Sender
from dompet.streams.engine.statements import Parser
from dompet.streams.warehouse.base import escaped

_FUNCTIONS: Final = "SELECT name, alias_to, categories FROM system.functions"
_COMBINATORS: Final = "SELECT name FROM system.aggregate_function_combinators"
_FORMATS: Final = "SELECT name, content_type FROM system.formats WHERE is_output"
_R = TypeVar("_R")
_ITSELF: Final = "SELECT version() AS version, timezone() AS timezone"


class GuestEndpoint:
    """Answers guests. To be made before the engine runs anything else."""

    def __init__(self, connections: Connections, limits: Limits) -> None:
        def rows(sql: str) -> list[dict[str, Any]]:
            return [json.loads(line) for line in connections.content(sql, "JSONEachRow").splitlines()]

        self._connections = connections
        self._limits = limits
        self._most = limited(limits)
        functions = Functions.of(rows(_FUNCTIONS), [row["name"] for row in rows(_COMBINATORS)])
        self._guests = Guests(Parser(connections.content), functions, self._most)
        types = {row["name"]: row["content_type"] for row in rows(_FORMATS)}
        self._formats: dict[str, str] = {name.lower(): name for name in types}
        [itself] = rows(_ITSELF)
        self.sender = Sender(Engine(itself["version"], itself["timezone"], types), limits)
        self.turns = Turns(limits)
        self._running: dict[tuple[str, str], Running] = {}
        self._looking = ThreadPoolExecutor(1, "looks at queries")
        self._asking = ThreadPoolExecutor(limits.at_once, "guests")
        self._killing = ThreadPoolExecutor(1, "ends queries")

    async def answer(self, request: web.BaseRequest, query: Query) -> web.StreamResponse:
        """What a guest's request is answered; `query` takes note of how it ends."""
        query_id, compress = str(uuid.uuid4()), False
        try:
            asked = await read_question(request, self._limits.request_seconds)
            query_id, compress = asked.query_id or query_id, asked.compress
            if is_hello(asked):
                return self.sender.hello(asked, query_id)
            return await self._answered(request, asked, query_id, query)
        except Refusal as refusal:
            query.refused(refusal)
            return self.sender.refusal(refusal, query_id, compress)

    async def close(self) -> None:
        """Return once nothing runs any more. To be called when nobody can ask any more."""
        for pool in (self._asking, self._looking, self._killing):
            await asyncio.to_thread(pool.shutdown)

    async def _answered(
        self, request: web.BaseRequest, asked: Asked, query_id: str, query: Query
    ) -> web.StreamResponse:
        if asked.database.lower() == "system":
            raise Refusal(ACCESS_DENIED, "database system is not to be chosen: write system.tables, and so on")
        settings = chosen_together(asked.settings, self._most)
        statement = await self._statement(asked)
        form = self._form(statement.form or asked.form)
        running = Running(self._connections, GUEST, asked.database)
        settings |= {**dict(statement.settings), "log_comment": running.tag}
        with self._registered(asked.user, query_id, running):
            async with self.turns.turn(asked.user):
                query.running = running
                running.start(self._asking, _written(statement.body, form, settings), asked.params)
                try:
                    return await self.sender.send(request, asked, running, query_id, form)
                except Refusal as refusal:
                    raise _explained(refusal, statement) from None
                finally:
                    await asyncio.shield(running.stop(self._killing))

    async def _statement(self, asked: Asked) -> Statement:
        if (kill := killed(asked.sql)) is not None:
            query_id, form = kill
            found = self._running.get((asked.user, query_id))
            if found is not None:
                await self._in_thread(self._killing, found.kill)
            return kill_answer(found is not None, query_id, asked.user, form)
        return await self._in_thread(self._looking, self._guests.admit, asked.sql)

    def _form(self, name: str) -> str:
        found = self._formats.get(name.lower())
        if found is None:
            raise Refusal(UNKNOWN_FORMAT, f"Unknown format {name}")
        return found

    @contextmanager
    def _registered(self, user: str, query_id: str, running: Running) -> Iterator[None]:
        """Lets the query be ended by its id while the block runs."""
        if (user, query_id) in self._running:
            raise Refusal(QUERY_WITH_SAME_ID, f"Query with id = {query_id} is already running")
        self._running[user, query_id] = running
        try:
            yield
        finally:
            del self._running[user, query_id]

    async def _in_thread(self, pool: ThreadPoolExecutor, call: Callable[..., _R], *args: Any) -> _R:
        return await asyncio.get_running_loop().run_in_executor(pool, call, *args)


def _explained(refusal: Refusal, statement: Statement) -> Refusal:
    """The same; but a table that is not there is said to be so: chDB looks for a file of its name, which is denied."""
    if refusal.code == ACCESS_DENIED and "READ ON FILE" in str(refusal):
        return Refusal(UNKNOWN_TABLE, f"Unknown table expression identifier: {' or '.join(statement.tables)}")
    return refusal


def _written(body: str, form: str, settings: Mapping[str, str]) -> Callable[[str], str]:
    chosen_ones = ", ".join(f"{name} = {escaped(value)}" for name, value in settings.items())
    return lambda path: f"{body} INTO OUTFILE '{path}' TRUNCATE FORMAT {form} SETTINGS {chosen_ones}"
