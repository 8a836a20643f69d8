"""Columns of `system` that clients of today ask for, and an older server does not have: they are there, with the value
that their type has for nothing.
"""

import re
from collections.abc import Iterable
from typing import Final

from dompet.streams.engine.allowed import SYSTEM_TABLES

_NOTHING: Final = (
    (re.compile(r"Nullable\(.*"), "NULL"),
    (re.compile(r"(LowCardinality\()?(FixedString|String|Enum).*"), "''"),
    (re.compile(r"(Bool|U?Int(8|16|32|64)|Float(32|64))"), "0"),
    (re.compile(r"DateTime.*"), "toDateTime(0)"),
)
"""The literal for nothing, by type; of other types columns stay away."""

Column = tuple[str, str, str]


def lacking_columns(known: Iterable[Column], there: Iterable[Column]) -> dict[str, list[str]]:
    """By table that both have and guests may read, expressions for the columns that are `known` and not `there`; each
    column is its table, its name and its type.
    """
    has: dict[str, set[str]] = {}
    for table, name, _ in there:
        has.setdefault(table, set()).add(name)
    lacking: dict[str, list[str]] = {}
    for table, name, kind in known:
        if table in SYSTEM_TABLES and table in has and name not in has[table]:
            literal = next((literal for pattern, literal in _NOTHING if pattern.fullmatch(kind)), "")
            if literal:
                lacking.setdefault(table, []).append(f"{literal} AS `{name}`")
    return lacking
