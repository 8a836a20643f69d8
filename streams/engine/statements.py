"""ClickHouse's own parser: a statement's text becomes a tree as JSON, and a tree becomes text again.

Nothing is looked up or run for it. The text that is run is made from the tree that was looked at, so that no comment,
quote or encoding can hide anything from who looks.
"""

import json
import threading
from collections.abc import Callable
from typing import Any, Final

from dompet.streams.engine.refusals import SYNTAX_ERROR, Refusal, failure
from dompet.streams.warehouse.base import escaped

Node = dict[str, Any]
"""A node of a syntax tree: its `type`, its attributes, and the nodes below it."""

_NO_TREE: Final = ("does not support JSON serialization", "not supported by parseQueryToJSON")
_TRAIL: Final = ": In scope SELECT "


class Parser:
    """Asks an engine's connection, which may be to an empty one; by one thread at a time."""

    def __init__(self, query: Callable[[str, str], bytes]) -> None:
        self._query = query
        self._turn = threading.Lock()

    def tree(self, sql: str) -> Node | None:
        """The one statement's tree; None of a statement that has no such form. Refusal where the text is none."""
        try:
            return dict(json.loads(self._call("parseQueryToJSON", sql)))
        except Refusal as refusal:
            if any(said in str(refusal) for said in _NO_TREE):
                return None
            raise

    def text(self, tree: Node) -> str:
        """A tree's statement, on one line."""
        return self._call("formatQueryFromJSON", json.dumps(tree))

    def line(self, sql: str) -> str:
        """The statement as ClickHouse itself writes it, on one line and without comments."""
        return self._call("formatQuerySingleLine", sql)

    def _call(self, function: str, argument: str) -> str:
        try:
            with self._turn:
                said = self._query(f"SELECT {function}({escaped(argument)})", "RawBLOB")
        except RuntimeError as error:
            found = failure(str(error))
            raise Refusal(found.code, str(found).partition(_TRAIL)[0]) from None
        except UnicodeEncodeError:
            raise Refusal(SYNTAX_ERROR, "the query is not UTF-8") from None
        return said.decode("utf-8", "surrogateescape")
