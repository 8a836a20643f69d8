"""Which databases guests may read on a server, where nothing but the look at a query keeps them from the others."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from dompet.streams.engine.existing import name_of
from dompet.streams.engine.looking import nodes
from dompet.streams.engine.refusals import ACCESS_DENIED, Refusal
from dompet.streams.engine.statements import Node, Parser
from dompet.streams.warehouse.base import escaped

_SYSTEM: Final = "system"
_DATABASE_COLUMN: Final = {
    "columns": "database",
    "completions": "",
    "data_skipping_indices": "database",
    "databases": "name",
    "detached_tables": "database",
    "dictionaries": "database",
    "parts": "database",
    "parts_columns": "database",
    "projection_parts": "database",
    "projection_parts_columns": "database",
    "projections": "database",
    "replicas": "database",
    "tables": "database",
}
"""Of the tables of `system` that list what databases hold, the column that names the database; none: not for guests."""

_LOOKS_UP: Final = re.compile(r"(global)?(not)?(null)?in(ignoreset)?", re.IGNORECASE)
_GENERATION: Final = re.compile(r"_g[0-9]+")


class Realm:
    """One database, and those of its generations. `lacking`: by table of `system`, expressions for the columns that
    clients ask for and this server does not have yet.
    """

    def __init__(self, database: str, parser: Parser, lacking: Mapping[str, Sequence[str]]) -> None:
        self._database = database
        self._parser = parser
        self._lacking = lacking

    def holds(self, database: str) -> bool:
        """Whether guests may read it."""
        rest = database.removeprefix(self._database)
        return database.startswith(self._database) and (not rest or _GENERATION.fullmatch(rest) is not None)

    def confine(self, tree: Node) -> None:
        """Refusal where a query names another database; of `system` it then sees what is of this one."""
        for node in nodes(tree):
            match node:
                case {"type": "TableExpression", "database_and_table_name": table}:
                    if listed := self._listed(table):
                        del node["database_and_table_name"]
                        node["subquery"] = listed
                case {"type": "TableIdentifier", "name_parts": [database, _]} if database != _SYSTEM:
                    self._check(database)
                case {"type": "Identifier", "name_parts": ["system", table, *more]} if more and self._replaces(table):
                    node["name_parts"] = [table, *more]
                    node["name"] = ".".join(node["name_parts"])
                case {"type": "Function", "name": name, "arguments": {"children": [*_, last]}} if _looks_up(name, last):
                    database, table = last["name_parts"][:2]
                    if database == _SYSTEM and table in _DATABASE_COLUMN:
                        raise Refusal(ACCESS_DENIED, f"system.{table} can be read after FROM only")
                    if database != _SYSTEM:
                        self._check(database)

    def plain(self, tokens: Sequence[str]) -> str | None:
        """What is run for a statement of names, by its tokens; None for itself. Refusal where it names another
        database.
        """
        match tokens:
            case ["SHOW", "DATABASES", *condition]:
                where = f" WHERE name {' '.join(condition)}" if condition else ""
                return f"SELECT name FROM {self._rows('databases')}{where} ORDER BY name"  # noqa: S608
            case [("SHOW" | "EXISTS"), *_, "DATABASE", name]:
                self._check(name_of(name))
        for before, after in pairwise(tokens):
            if after == ".":
                self._check(name_of(before))
        for name in _databases_after_from(tokens):
            self._check(name_of(name))
        return None

    def _check(self, database: str) -> None:
        if not self.holds(database):
            raise Refusal(ACCESS_DENIED, f"database {database} is not for guests")

    def _replaces(self, table: str) -> bool:
        return table in _DATABASE_COLUMN or table in self._lacking

    def _listed(self, table: Node) -> Node | None:
        """The subquery that takes the place of a table of `system`; None of another table."""
        match table:
            case {"name_parts": ["system", name]} if self._replaces(name):
                tree = self._parser.tree(f"SELECT 1 FROM {self._rows(name)}")  # noqa: S608
                assert tree  # noqa: S101  (a SELECT has one)
                expression = tree["list_of_selects"]["children"][0]["tables"]["children"][0]["table_expression"]
                found: Node = expression["subquery"]
                return {**found, "alias": table.get("alias", name)}
        return None

    def _rows(self, table: str) -> str:
        """The rows of a table of `system`: where they are of databases, those of this realm and of `system` itself."""
        columns = ", ".join(["*", *self._lacking.get(table, ())])
        where = ""
        if table in _DATABASE_COLUMN:
            if not (column := _DATABASE_COLUMN[table]):
                raise Refusal(ACCESS_DENIED, f"table system.{table} is not for guests")
            own = escaped(self._database)
            of_generations = escaped(f"^{re.escape(self._database)}_g[0-9]+$")
            where = f" WHERE {column} IN ({own}, 'system') OR match({column}, {of_generations})"
        return f"(SELECT {columns} FROM system.{table}{where})"  # noqa: S608


def _looks_up(function: str, last: Any) -> bool:
    """Whether what a function's last argument names may be a table of a database."""
    return bool(_LOOKS_UP.fullmatch(function)) and len(last.get("name_parts", ())) > 1


def _databases_after_from(tokens: Sequence[str]) -> Iterator[str]:
    """The databases that a SHOW names: after FROM, and after a table's name and FROM."""
    at = [number for number, token in enumerate(tokens) if token in ("FROM", "IN")]
    match tokens:
        case ["SHOW", *words] if "COLUMNS" in words or "INDEXES" in words:
            at = at[1:]
    yield from (tokens[number + 1] for number in at if number + 1 < len(tokens))
