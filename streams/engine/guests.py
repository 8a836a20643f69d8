"""What guests may ask: one statement that reads. It is taken apart by ClickHouse's own parser, looked at, and put
together again; nothing else is run.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from dompet.streams.engine.allowed import PLAIN_STATEMENTS
from dompet.streams.engine.existing import exists_query
from dompet.streams.engine.guest_settings import TABLE_FILTERS, chosen
from dompet.streams.engine.looking import Functions, Look, nodes
from dompet.streams.engine.parameters import Parameters
from dompet.streams.engine.realm import Realm
from dompet.streams.engine.refusals import ACCESS_DENIED, Refusal
from dompet.streams.engine.statements import Node, Parser
from dompet.streams.warehouse.base import escaped

_REMEMBERED: Final = 512
_REMEMBERED_CHARS_MAX: Final = 1 << 16
_QUERIES: Final = frozenset({"SelectWithUnionQuery", "SelectIntersectExceptQuery", "ExplainQuery"})
"""The statements whose trees hold all of them."""
_DESCRIBE: Final = "DESCRIBE TABLE "
_SELECT: Final = "SELECT * FROM "
_TOKEN: Final = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\"|\w+|\S", re.DOTALL)
_CONDITION: Final = "SELECT 1 WHERE "
_WORDS_OF_CONDITIONS: Final = frozenset({"WHERE", "OUTFILE", "=", "(", "{"})


@dataclass(frozen=True)
class Statement:
    """A statement that may be run: without its end, which says in which format it is answered and by which settings.
    `tables`: what it reads, by the names that it gives them.
    """

    body: str
    form: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Confinement:
    """What is seen to here of a server's guests: which databases they read, and what their parameters mean."""

    realm: Realm
    parameters: Parameters


class Guests:
    """Admits statements. `most`: by setting that a guest may lower, the most that it may be."""

    def __init__(
        self, parser: Parser, functions: Functions, most: Mapping[str, int], confinement: Confinement | None = None
    ) -> None:
        self._parser = parser
        self._confinement = confinement
        self._most = most
        self._look = Look(functions, self._chosen)
        self._look_at_filter = Look(functions, lambda name, value: chosen(name, value, most))
        self._remembered = lru_cache(_REMEMBERED)(self._admitted)

    def admit(self, sql: str, params: Mapping[str, str]) -> Statement:
        """The statement to run for it. Refusal where it is none, more than one, or not for guests."""
        values = tuple(sorted(params.items())) if self._confinement else ()
        length = len(sql) + sum(len(value) for _, value in values)
        return (self._remembered if length <= _REMEMBERED_CHARS_MAX else self._admitted)(sql, values)

    def _admitted(self, sql: str, params: Iterable[tuple[str, str]]) -> Statement:
        tree = self._parser.tree(sql)
        if tree is not None and tree["type"] in _QUERIES:
            return self._of_tree(tree, params)
        line = self._parser.line(sql)
        if line.startswith(_DESCRIBE):
            # What may be described is what may be selected from.
            selected = self._parser.tree(_SELECT + line.removeprefix(_DESCRIBE))
            if selected is not None and selected["type"] == "SelectWithUnionQuery":
                found = self._of_tree(selected, params)
                return replace(found, body=_DESCRIBE + found.body.removeprefix(_SELECT))
        return _plain(line, self._confinement)

    def _chosen(self, name: str, value: Any) -> str | None:
        """The value to use of what is set in a query; None where it is left out."""
        if name != TABLE_FILTERS or not isinstance(value, list):
            return chosen(name, value, self._most)
        pairs = [[part["value"] for part in one["value"]] for one in value]
        filters = [f"{escaped(table)}:{escaped(self._filter(text))}" for table, text in pairs]
        return f"{{{','.join(filters)}}}"

    def _filter(self, text: str) -> str:
        """The condition in ClickHouse's own spelling. Refusal where it is more than one, or not for guests."""
        tree = self._parser.tree(_CONDITION + text)
        selects = tree["list_of_selects"]["children"] if tree and "list_of_selects" in tree else ()
        if tree is None or [set(one) for one in selects] != [{"type", "select", "where"}] or "format_ast" in tree:
            raise Refusal(ACCESS_DENIED, f"of {TABLE_FILTERS} each must be one condition")
        self._look_at_filter.at(tree)
        return self._parser.text(tree).removeprefix(_CONDITION)

    def _of_tree(self, tree: Node, params: Iterable[tuple[str, str]]) -> Statement:
        self._look.at(tree)
        form = tree.pop("format_ast", {}).get("name", "")
        changes = tree.pop("settings_ast", {}).get("changes", ())
        settings = tuple((one["name"], str(one["value"]["value"])) for one in changes)
        tables = tuple(node["name"] for node in nodes(tree) if node["type"] == "TableIdentifier")
        if self._confinement:
            self._confinement.realm.confine(tree)
            tree = self._confinement.parameters.place(tree, dict(params))
        return Statement(self._parser.text(tree), form, settings, tables)


def _plain(line: str, confinement: Confinement | None) -> Statement:
    """A statement whose tree cannot be looked at, if it is one of a few that name things and compute nothing."""
    tokens: list[str] = _TOKEN.findall(line)
    form = ""
    if len(tokens) > 2 and tokens[-2] == "FORMAT" and tokens[-1].isidentifier():
        form, line = tokens[-1], line.removesuffix(f" FORMAT {tokens[-1]}")
        del tokens[-2:]
    if not PLAIN_STATEMENTS.match(line) or _WORDS_OF_CONDITIONS & set(tokens):
        kind = " ".join(tokens[:2]) if tokens else "nothing"
        raise Refusal(ACCESS_DENIED, f"only queries that read can be asked, and no {kind}{_because(tokens)}")
    instead = confinement.realm.plain(tokens) if confinement else None
    return Statement(instead or exists_query(tokens) or line, form)


def _because(tokens: list[str]) -> str:
    match [token.upper() for token in tokens[:2]]:
        case ["USE", *_]:
            return ": there are no sessions, so choose the database in the address, or write it before the table's name"
        case ["SET", *_]:
            return ": there are no sessions, so choose settings in the address, or after SETTINGS in the query"
        case ["CREATE", "TEMPORARY"]:
            return ": there are no sessions, so temporary tables would be gone at once"
    return ""
