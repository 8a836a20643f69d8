"""Goes through a query's syntax tree and refuses what is not on the lists of what guests may use."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dompet.streams.engine.allowed import (
    CATEGORIES,
    EXPLAINED,
    NODES,
    NOT_OF_THEM,
    OTHERS,
    SYNTAX,
    SYSTEM_TABLES,
    TABLE_FUNCTIONS,
)
from dompet.streams.engine.refusals import ACCESS_DENIED, UNKNOWN_FUNCTION, Refusal
from dompet.streams.engine.statements import Node

_SYSTEM: Final = "system"
_SETTINGS: Final = frozenset({"settings", "settings_ast"})


@dataclass(frozen=True)
class Functions:
    """The engine's functions, names in lower case: those that guests may call, and all others."""

    allowed: frozenset[str]
    denied: frozenset[str]
    combinators: tuple[str, ...]

    @classmethod
    def of(cls, rows: Collection[Mapping[str, str]], combinators: Collection[str]) -> "Functions":
        """From `system.functions` (name, alias_to, categories). A name that is spelt like a denied one is denied."""
        categories = {row["name"]: row["categories"] for row in rows}
        may: dict[bool, set[str]] = {True: set(), False: set()}
        for row in rows:
            name = row["alias_to"] or row["name"]
            computes = categories.get(name, "") in CATEGORIES and name not in NOT_OF_THEM
            may[computes or name in OTHERS].add(row["name"].lower())
        allowed = may[True] - may[False] | SYNTAX
        return cls(frozenset(allowed), frozenset(may[False]), tuple(map(str.lower, combinators)))

    def check(self, name: str, own: Collection[str] = ()) -> None:
        """Refusal where a guest may not call it; `own`: names of lambdas that the query itself declares."""
        lower = name.lower()
        while lower not in self.allowed:
            if lower in self.denied:
                raise Refusal(ACCESS_DENIED, f"function {name} is not for guests")
            ending = next((one for one in self.combinators if lower.endswith(one) and lower != one), "")
            if not ending:
                if name in own:
                    return
                raise Refusal(UNKNOWN_FUNCTION, f"Function with name `{name}` does not exist, or is not for guests")
            lower = lower.removesuffix(ending)


class Look:
    """Looks at trees. `choose` gives the value to use of a setting, None where it is left out, or refuses it."""

    def __init__(self, functions: Functions, choose: Callable[[str, Any], str | None]) -> None:
        self._functions = functions
        self._choose = choose
        self._lambdas: frozenset[str] = frozenset()

    def at(self, tree: Node) -> None:
        """Refusal naming the first thing in it that is not for guests. What a query sets is cut down to what it may."""
        self._lambdas = frozenset(
            node["alias"]
            for node in nodes(tree)
            if node["type"] == "Function" and node.get("is_lambda_function") and "alias" in node
        )
        for node in nodes(tree):
            for name in _SETTINGS & node.keys() if node["type"] != "ExplainQuery" else ():
                self._cut(node, name)
            self._look(node)

    def _cut(self, node: Node, name: str) -> None:
        changes = []
        for change in node[name].pop("changes", ()):
            if (value := self._choose(change["name"], change["value"].get("value"))) is not None:
                changes.append({"name": change["name"], "value": _literal(change["value"], value)})
        if node[name].keys() - {"type"}:
            raise Refusal(ACCESS_DENIED, "of SETTINGS only NAME = VALUE is for guests")
        if changes:
            node[name]["changes"] = changes
        else:
            del node[name]

    def _look(self, node: Node) -> None:
        kind = node["type"]
        if kind not in NODES:
            raise Refusal(ACCESS_DENIED, f"only queries that read can be asked, and no {kind}")
        if "out_file" in node:
            raise Refusal(ACCESS_DENIED, "INTO OUTFILE is not for guests: choose a format and keep the answer")
        match kind:
            case "Function":
                self._functions.check(node["name"], self._lambdas)
            case "ColumnsApplyTransformer" if "func_name" in node:
                self._functions.check(node["func_name"])
            case "Identifier" | "TableIdentifier":
                self._look_at_name(node)
            case "TableExpression" if "table_function" in node:
                self._look_at_table_function(node["table_function"])
            case "QueryParameter" if "Identifier" in node["param_type"]:
                raise Refusal(ACCESS_DENIED, f"parameter {node['name']} is of type Identifier: write the name itself")
            case "ExplainQuery":
                if node["kind"] not in EXPLAINED:
                    raise Refusal(ACCESS_DENIED, f"{node['kind']} is not for guests")

    def _look_at_name(self, node: Node) -> None:
        parts = node.get("name_parts") or node["name"].split(".")
        if parts[0].lower() == _SYSTEM and len(parts) > 1 and parts[1] not in SYSTEM_TABLES:
            raise Refusal(ACCESS_DENIED, f"table system.{parts[1]} is not for guests")
        if len(parts) == 1 and parts[0].lower() in self._functions.denied:
            raise Refusal(ACCESS_DENIED, f"{parts[0]} names a function that is not for guests")

    def _look_at_table_function(self, node: Node) -> None:
        if node["name"].lower() not in TABLE_FUNCTIONS:
            raise Refusal(ACCESS_DENIED, f"table function {node['name']} is not for guests")


def _literal(written: Node, value: str) -> Node:
    """A setting's value to use, as a number where one was written: servers before 20 read none out of a string."""
    number = {"True": "1", "False": "0"}.get(value, value)
    if written["field_type"] != "String" and number.isdecimal():
        return {"field_type": "UInt64", "value": int(number)}
    return {"field_type": "String", "value": value}


def nodes(tree: Any) -> Iterator[Node]:
    """Every node of a tree, but for settings and the names of table functions, which are looked at where they stand."""
    stack = [tree]
    while stack:
        match stack.pop():
            case {"type": str(kind), **attributes} as node:
                yield node
                for name in _SETTINGS:
                    attributes.pop(name, None)
                if kind == "TableExpression" and "table_function" in attributes:
                    called: Any = attributes.pop("table_function")
                    stack.append({"type": "ExpressionList", "of": [called.get("arguments"), called.get("parameters")]})
                stack.extend(attributes.values())
            case dict() as inner:
                stack.extend(inner.values())
            case list() as several:
                stack.extend(several)
