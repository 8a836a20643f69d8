"""From a guest's request to its answer: whether it may be asked, whose turn it is; then it runs."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from aiohttp import web

from dompet.streams.engine.asked import Asked, read_question
from dompet.streams.engine.backend import Backend, Question
from dompet.streams.engine.figures import Outcome
from dompet.streams.engine.guest_settings import chosen_together, limited
from dompet.streams.engine.guests import Confinement, Guests, Statement
from dompet.streams.engine.headers import Engine
from dompet.streams.engine.hello import is_hello
from dompet.streams.engine.kills import kill_answer, killed
from dompet.streams.engine.limits import Limits
from dompet.streams.engine.looking import Functions
from dompet.streams.engine.parameters import Parameters
from dompet.streams.engine.refusals import (
    ACCESS_DENIED,
    CANCELLED,
    QUERY_WITH_SAME_ID,
    UNKNOWN_DATABASE,
    UNKNOWN_FORMAT,
    Refusal,
)
from dompet.streams.engine.running import Running
from dompet.streams.engine.sending import Sender
from dompet.streams.engine.statements import Parser
from dompet.streams.engine.turns import Turn, Turns

_FUNCTIONS: Final = "SELECT name, alias_to, categories FROM system.functions"
_COMBINATORS: Final = "SELECT name FROM system.aggregate_function_combinators"
_FORMATS: Final = "SELECT name, content_type FROM system.formats WHERE is_output"
_DEFAULT: Final = "default"
"""What clients name that were given no database. It is the one that a guest reads here, however a server names it."""
_R = TypeVar("_R")


class GuestEndpoint:
    """Answers guests. To be made before the engine runs anything else."""

    def __init__(self, backend: Backend, limits: Limits) -> None:
        def rows(sql: str) -> list[dict[str, Any]]:
            return [json.loads(line) for line in backend.content(sql, "JSONEachRow").splitlines()]

        self._backend = backend
        self._limits = limits
        self._most = limited(limits)
        functions = Functions.of(rows(_FUNCTIONS), [row["name"] for row in rows(_COMBINATORS)])
        parser = Parser(backend.content)
        self._realm = backend.realm(parser)
        confinement = Confinement(self._realm, Parameters(parser, backend.content)) if self._realm else None
        self._guests = Guests(parser, functions, self._most, confinement)
        types = {row["name"]: row["content_type"] for row in rows(_FORMATS)}
        self._formats: dict[str, str] = {name.lower(): name for name in types}
        self.sender = Sender(Engine(backend.version, backend.timezone, types), limits)
        self.turns = Turns(limits)
        self._running: dict[tuple[str, str], Running] = {}
        self._looking = ThreadPoolExecutor(1, "looks at queries")
        self._asking = ThreadPoolExecutor(limits.at_once, "guests")
        self._killing = ThreadPoolExecutor(1, "ends queries")

    async def answer(self, request: web.BaseRequest, outcome: Outcome) -> web.StreamResponse:
        """What a guest's request is answered; `outcome` takes note of how it ends."""
        query_id, compress = str(uuid.uuid4()), False
        try:
            asked = await read_question(request, self._limits.request_seconds)
            query_id, compress = asked.query_id or query_id, asked.compress
            if is_hello(asked):
                return self.sender.hello(asked, query_id)
            return await self._answered(request, asked, query_id, outcome)
        except Refusal as refusal:
            outcome.refused(refusal)
            return self.sender.refusal(refusal, query_id, compress)

    async def close(self) -> None:
        """Return once nothing runs any more. To be called when nobody can ask any more."""
        for pool in (self._asking, self._looking, self._killing):
            await asyncio.to_thread(pool.shutdown)

    async def _answered(
        self, request: web.BaseRequest, asked: Asked, query_id: str, outcome: Outcome
    ) -> web.StreamResponse:
        database = self._database(asked)
        settings = chosen_together(asked.settings, self._most)
        statement = await self._statement(asked)
        form = self._form(statement.form or asked.form)
        settings |= dict(statement.settings)
        question = Question(statement.body, form, asked.user, database, settings, asked.params, statement.tables)
        key = (asked.user, query_id)

        def new() -> Running:
            """The query, which is the one that is ended by this id."""
            self._running[key] = Running(self._backend.query(question))
            return self._running[key]

        with self._registered(key):
            waiting = new()
            async with self.turns.turn(asked.user) as turn:
                try:
                    running = await self._begun(waiting, new, turn, outcome)
                    try:
                        return await self.sender.send(request, asked, running, query_id, form)
                    finally:
                        await self._stop(running)
                except Refusal as refusal:
                    raise self._backend.explained(refusal, question) from None

    async def _begun(self, running: Running, new: Callable[[], Running], turn: Turn, outcome: Outcome) -> Running:
        """The query as it runs: it has something to say, or may take long. One that takes long where it may not runs
        again when it may.
        """
        outcome.running = running
        running.start(self._asking)
        began_s = time.monotonic()
        try:
            if await running.speaks(self._limits.short_seconds):
                rest_s = self._limits.short_seconds - (time.monotonic() - began_s)
                asyncio.get_running_loop().call_later(rest_s, turn.overstay)
                return running
            if turn.lengthen():
                return running
        except BaseException:
            await self._stop(running)
            raise
        await self._stop(running)
        if running.is_killed:
            raise Refusal(CANCELLED, "Query was cancelled")
        running, outcome.running = new(), None
        await turn.come_again()
        outcome.running = running
        running.start(self._asking)
        return running

    async def _stop(self, running: Running) -> None:
        await asyncio.shield(running.stop(self._killing))

    def _database(self, asked: Asked) -> str:
        database = asked.database if asked.database not in ("", _DEFAULT) else self._backend.database
        if database.lower() == "system":
            raise Refusal(ACCESS_DENIED, "database system is not to be chosen: write system.tables, and so on")
        if self._realm and not self._realm.holds(database):
            raise Refusal(UNKNOWN_DATABASE, f"Database {database} does not exist, or is not for guests")
        return database

    async def _statement(self, asked: Asked) -> Statement:
        if (kill := killed(asked.sql)) is not None:
            query_id, form = kill
            found = self._running.get((asked.user, query_id))
            if found is not None:
                found.kill(self._killing)
            return kill_answer(found is not None, query_id, asked.user, form)
        return await self._in_thread(self._looking, self._guests.admit, asked.sql, asked.params)

    def _form(self, name: str) -> str:
        found = self._formats.get(name.lower())
        if found is None:
            raise Refusal(UNKNOWN_FORMAT, f"Unknown format {name}")
        return found

    @contextmanager
    def _registered(self, key: tuple[str, str]) -> Iterator[None]:
        """No other query of this user has this id while the block runs."""
        if key in self._running:
            raise Refusal(QUERY_WITH_SAME_ID, f"Query with id = {key[1]} is already running")
        try:
            yield
        finally:
            self._running.pop(key, None)

    async def _in_thread(self, pool: ThreadPoolExecutor, call: Callable[..., _R], *args: Any) -> _R:
        return await asyncio.get_running_loop().run_in_executor(pool, call, *args)
