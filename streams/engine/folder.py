"""The embedded warehouse behind the endpoint: chDB, in this process."""

import uuid
from collections.abc import Callable, Mapping
from typing import Final

from dompet.streams.engine.backend import Question
from dompet.streams.engine.connections import Connections, Done
from dompet.streams.engine.refusals import ACCESS_DENIED, UNKNOWN_TABLE, Refusal
from dompet.streams.engine.rights import GUEST, OWNER
from dompet.streams.engine.running import output_path
from dompet.streams.engine.statements import Parser
from dompet.streams.warehouse.base import escaped

_ITSELF: Final = "SELECT version(), timezone()"


class FolderBackend:
    """Answers from the warehouse that `connections` have open."""

    database = "default"

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self.content = connections.content
        self.version, self.timezone = self.content(_ITSELF, "TSVRaw").decode().rstrip("\n").split("\t")

    def realm(self, parser: Parser) -> None:
        """None: the role of guests is confined."""

    def query(self, question: Question) -> "EngineQuery":
        """The query of a guest."""
        return guest_query(self._connections, question)

    def explained(self, refusal: Refusal, question: Question) -> Refusal:
        """A table that is not there is said to be so: chDB looks for a file of its name, which is denied."""
        if refusal.code == ACCESS_DENIED and "READ ON FILE" in str(refusal):
            return Refusal(UNKNOWN_TABLE, f"Unknown table expression identifier: {' or '.join(question.tables)}")
        return refusal

    def select_one(self) -> None:
        """Have chDB answer a query."""
        with self._connections.connection(OWNER, "default") as connection:
            connection.content("SELECT 1", "TSV")

    def close(self) -> None:
        """Close the folder."""
        self._connections.close()


class EngineQuery:
    """A query of a role, in a database, by chDB, which writes its answer itself.

    `write_sql` makes the statement for the path that the answer goes to and for a tag, by which the query is killed
    where it has it as `log_comment`.
    """

    def __init__(
        self,
        connections: Connections,
        role: str,
        database: str,
        write_sql: Callable[[str, str], str],
        params: Mapping[str, str],
    ) -> None:
        self._connections = connections
        self._place = (role, database)
        self._write_sql = write_sql
        self._params = params
        self._tag = uuid.uuid4().hex

    def run(self, writer: int) -> Done:
        """Run it."""
        with self._connections.connection(*self._place) as connection:
            return connection.run(self._write_sql(output_path(writer), self._tag), self._params)

    def kill(self) -> None:
        """Have it end with an error."""
        self._connections.kill(self._tag)


def guest_query(connections: Connections, question: Question) -> EngineQuery:
    """The query of a guest, with the limits that the connections of guests have."""

    def write_sql(path: str, tag: str) -> str:
        settings = ", ".join(
            f"{name} = {escaped(value)}" for name, value in {**question.settings, "log_comment": tag}.items()
        )
        return f"{question.body} INTO OUTFILE '{path}' TRUNCATE FORMAT {question.form} SETTINGS {settings}"

    return EngineQuery(connections, GUEST, question.database, write_sql, question.params)
