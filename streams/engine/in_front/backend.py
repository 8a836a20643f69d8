"""A ClickHouse server behind the endpoint.

chDB, without data, parses what guests ask and writes what they are answered: a server's native protocol knows of no
formats.
"""

from pathlib import Path

from dompet.streams.engine.backend import Question
from dompet.streams.engine.connections import Connections
from dompet.streams.engine.in_front.query import ServerQuery
from dompet.streams.engine.in_front.server import Server
from dompet.streams.engine.limits import Limits
from dompet.streams.engine.refusals import Refusal


class ServerBackend:
    """Answers from the server at `url`; `folder` is for chDB. WarehouseError where the server does not answer, or does
    not take the limits.
    """

    confined = True

    def __init__(self, url: str, folder: Path, limits: Limits) -> None:
        self._server = Server(url, limits)
        self.version, self.timezone, self.database = self._server.itself()
        self._connections = Connections(folder / "engine", limits)
        self.content = self._connections.content

    def query(self, question: Question) -> ServerQuery:
        """The query of a guest."""
        return ServerQuery(self._server, self._connections, question)

    def explained(self, refusal: Refusal, question: Question) -> Refusal:
        """A server says by itself what is wrong."""
        return refusal

    def select_one(self) -> None:
        """Have the server answer a query."""
        self._server.itself()

    def close(self) -> None:
        """Let go of the server."""
        self._server.close()
        self._connections.close()
