"""A query's parameters as values in its tree, for a server: the oldest ones know of no parameters.

ClickHouse's own parser reads each text as its type, and writes the value as SQL has it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from dompet.streams.engine.refusals import UNKNOWN_PARAMETER, Refusal, failure
from dompet.streams.engine.statements import Node, Parser
from dompet.streams.warehouse.base import escaped

_AS_IT_IS: Final = re.compile(r"String|U?Int(?:8|16|32|64)")
"""The types whose values need no CAST: a literal after LIMIT must be one."""

Valued = Callable[[str, str, Mapping[str, str]], bytes]
"""The answer of a query with parameters, in a format."""


class Parameters:
    """Puts values in place of parameters; `query` answers a query with parameters in a format, or raises
    RuntimeError.
    """

    def __init__(self, parser: Parser, query: Valued) -> None:
        self._parser = parser
        self._query = query

    def place(self, tree: Any, given: Mapping[str, str]) -> Any:
        """The same tree with values. Refusal where one is missing, or is not what its type means."""
        match tree:
            case {"type": "QueryParameter", "name": name, "param_type": kind, **more}:
                if name not in given:
                    raise Refusal(UNKNOWN_PARAMETER, f"Substitution `{name}` is not set")
                return {**self._value(kind, given[name]), **more}
            case dict():
                return {key: self.place(value, given) for key, value in tree.items()}
            case list():
                return [self.place(one, given) for one in tree]
        return tree

    def _value(self, kind: str, text: str) -> Node:
        try:
            said = self._query(f"SELECT {{value:{kind}}}", "Values", {"value": text})
        except RuntimeError as error:
            raise failure(str(error)) from None
        literal = said.decode("utf-8", "surrogateescape").strip()[1:-1]
        cast = literal if _AS_IT_IS.fullmatch(kind) else f"CAST({literal}, {escaped(kind)})"
        tree = self._parser.tree(f"SELECT {cast}")
        assert tree  # noqa: S101  (a SELECT has one)
        found: Node = tree["list_of_selects"]["children"][0]["select"]["children"][0]
        return found
