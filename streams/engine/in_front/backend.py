"""A ClickHouse server behind the endpoint.

chDB, without data, parses what guests ask and writes what they are answered: a server's native protocol knows of no
formats.
"""

import json
from pathlib import Path
from typing import Final

from dompet.streams.engine.backend import Question
from dompet.streams.engine.connections import Connections
from dompet.streams.engine.in_front.lacking import lacking_columns
from dompet.streams.engine.in_front.query import ServerQuery
from dompet.streams.engine.in_front.server import Server
from dompet.streams.engine.limits import Limits
from dompet.streams.engine.realm import Realm
from dompet.streams.engine.refusals import Refusal
from dompet.streams.engine.statements import Parser

_SYSTEM_COLUMNS: Final = "SELECT table, name, type FROM system.columns WHERE database = 'system'"


class ServerBackend:
    """Answers from the server at `url`; `folder` is for chDB. WarehouseError where the server does not answer, or does
    not take the limits.
    """

    def __init__(self, url: str, folder: Path, limits: Limits) -> None:
        self._server = Server(url, limits)
        self.version, self.timezone, self.database = self._server.itself()
        self._connections = Connections(folder / "engine", limits)
        self.content = self._connections.content
        self._lacking = lacking_columns(self._columns_here(), self._server.rows(_SYSTEM_COLUMNS))

    def realm(self, parser: Parser) -> Realm:
        """The URL's database."""
        return Realm(self.database, parser, self._lacking)

    def query(self, question: Question) -> ServerQuery:
        """The query of a guest."""
        return ServerQuery(self._server, self._connections, question)

    def explained(self, refusal: Refusal, question: Question) -> Refusal:
        """A server says by itself what is wrong."""
        return refusal

    def select_one(self) -> None:
        """Have the server answer a query."""
        self._server.itself()

    def _columns_here(self) -> list[tuple[str, str, str]]:
        """Of ClickHouse as clients know it: the table, name and type of each column of `system`."""
        lines = self.content(_SYSTEM_COLUMNS, "JSONCompactEachRow").splitlines()
        return [(table, name, kind) for table, name, kind in map(json.loads, lines)]

    def close(self) -> None:
        """Let go of the server."""
        self._server.close()
        self._connections.close()
