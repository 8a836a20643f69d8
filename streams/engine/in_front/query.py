"""A guest's query by a server: its blocks pass through a pipe to chDB, which writes them in the format that was asked.

So an answer of any length takes no memory here. What the server says in mid-answer ends it with that.
"""

import os
import re
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

from dompet.streams.engine.backend import Question
from dompet.streams.engine.connections import Connections, Done
from dompet.streams.engine.in_front.server import Connection, Server
from dompet.streams.engine.refusals import CANCELLED, Refusal
from dompet.streams.engine.rights import OWNER
from dompet.streams.engine.running import output_path
from dompet.streams.warehouse.base import escaped
from dompet.streams.warehouse.server_answers import Answer, Block

_OF_THE_WIRE: Final = ("max_execution_time", "max_memory_usage", "max_result_rows", "max_result_bytes")
"""The limits that a guest may lower: they count from a query's begin, before its own SETTINGS are read."""
_OF_THE_FORMAT: Final = re.compile(
    r"output_format_.*|format_.*|date_time_output_format|bool_(true|false)_representation"
)
_ZONE: Final = "session_timezone"
_OVERFLOW: Final = "result_overflow_mode"


class ServerQuery:
    """One query."""

    def __init__(self, server: Server, connections: Connections, question: Question) -> None:
        self._server = server
        self._connections = connections
        self._question = question
        self._turn = threading.Lock()
        self._asked: Connection | None = None
        self._killed = False

    def run(self, writer: int) -> Done:
        """Run it."""
        settings = self._question.settings
        limits: dict[str, Any] = {name: int(settings[name]) for name in _OF_THE_WIRE if name in settings}
        if _OVERFLOW in settings:
            limits[_OVERFLOW] = settings[_OVERFLOW]
        began = time.monotonic_ns()
        try:
            with self._server.connection(self._question.database) as connection:
                answer = self._answered(connection, limits, writer)
        except Refusal:
            if not self._killed:
                raise
        if self._killed:  # whatever became of its connection then
            raise Refusal(CANCELLED, "Query was cancelled")
        return Done(answer.rows_read, answer.bytes_read, time.monotonic_ns() - began)

    def _answered(self, connection: Connection, limits: dict[str, Any], writer: int) -> Answer:
        with self._turn:
            self._asked = connection
        try:
            if self._killed:
                raise Refusal(CANCELLED, "Query was cancelled")
            answer = Answer(connection.client, _with_settings(self._question), limits)
            self._write(answer, writer)
        finally:
            with self._turn:
                self._asked = None
        return answer

    def kill(self) -> None:
        """Have it end with an error."""
        with self._turn:
            self._killed = True
            if self._asked:
                self._asked.cancel()

    def _write(self, answer: Answer, writer: int) -> None:
        """The answer's blocks, in the format, into the pipe `writer`."""
        blocks = answer.blocks()
        first = next(blocks, None)
        if first is None or not first.columns:
            return
        source, fed = os.pipe()
        feeder = _Feeder(answer, first, blocks, fed)
        feeder.start()
        try:
            self._render(answer.query(first, output_path(source)), answer.timezone, writer)
        finally:
            os.close(source)
            feeder.join()
            # What was cut short could not be read, and the server's own fault says more. Where the format was the
            # fault, nobody read from the pipe any more.
            if feeder.failed and not isinstance(feeder.failed, BrokenPipeError):
                raise feeder.failed

    def _render(self, query: str, timezone: str, writer: int) -> None:
        given = self._question.settings
        settings = {name: value for name, value in given.items() if _OF_THE_FORMAT.fullmatch(name)}
        settings |= {"max_threads": "1", _ZONE: given.get(_ZONE, timezone), "output_format_parallel_formatting": "0"}
        with self._connections.connection(OWNER, "default") as connection:
            connection.run(
                f"{query} INTO OUTFILE '{output_path(writer)}' TRUNCATE FORMAT {self._question.form}"
                f" SETTINGS {_assigned(settings)}"
            )


class _Feeder(threading.Thread):
    """Writes the blocks that come from the server into a pipe."""

    def __init__(self, answer: Answer, first: Block, blocks: Iterator[Block], fed: int) -> None:
        super().__init__(name="a server's blocks", daemon=True)
        self._answer = answer
        self._first = first
        self._blocks = blocks
        self._fed = fed
        self.failed: BaseException | None = None

    def run(self) -> None:
        try:
            with os.fdopen(self._fed, "wb", buffering=0) as pipe:
                self._put(pipe, self._first)
                for block in self._blocks:
                    self._put(pipe, block)
        except BaseException as error:  # noqa: BLE001  (raised again by the thread that waits)
            self.failed = error

    def _put(self, pipe: Any, block: Block) -> None:
        content = memoryview(self._answer.native(block, self._first))
        while content:
            content = content[pipe.write(content) :]


def _with_settings(question: Question) -> str:
    """The query with those of its settings that change what it means."""
    meant = {
        name: value
        for name, value in question.settings.items()
        if name not in _OF_THE_WIRE and name != _OVERFLOW and not _OF_THE_FORMAT.fullmatch(name)
    }
    selects = question.body.startswith(("SELECT ", "WITH ", "("))
    return f"{question.body} SETTINGS {_assigned(meant)}" if meant and selects else question.body


def _assigned(settings: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value if value.isdigit() else escaped(value)}" for name, value in settings.items())
