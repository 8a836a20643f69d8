"""`EXISTS …` for guests, asked of the system tables: chDB itself says that whatever a guest may not see exists."""

import re
from collections.abc import Sequence
from typing import Final

from dompet.streams.warehouse.base import escaped

_WHERE: Final = {
    "TABLE": ("system.tables", ""),
    "VIEW": ("system.tables", " AND engine LIKE '%View'"),
    "DICTIONARY": ("system.dictionaries", ""),
    "DATABASE": ("system.databases", ""),
}
"""By what is asked about: where it is listed, and what else holds of it."""


def exists_query(tokens: Sequence[str]) -> str | None:
    """The query that answers the statement of these tokens, as ClickHouse itself writes them; None for another one."""
    match tokens:
        case ["EXISTS", "DATABASE", database]:
            return _asked("DATABASE", f"name = {_text(database)}")
        case ["EXISTS", ("TABLE" | "VIEW" | "DICTIONARY") as kind, name]:
            return _asked(kind, f"database = currentDatabase() AND name = {_text(name)}")
        case ["EXISTS", ("TABLE" | "VIEW" | "DICTIONARY") as kind, database, ".", name]:
            return _asked(kind, f"database = {_text(database)} AND name = {_text(name)}")
    return None


def _asked(kind: str, condition: str) -> str:
    table, more = _WHERE[kind]
    return f"SELECT toUInt8(count() > 0) AS result FROM {table} WHERE {condition}{more}"  # noqa: S608  (escaped)


def name_of(identifier: str) -> str:
    """The name that an identifier means, which may be quoted."""
    return re.sub(r"\\(.)", r"\1", identifier[1:-1]) if identifier[0] in '`"' else identifier


def _text(identifier: str) -> str:
    """The name that an identifier means, as a literal."""
    return escaped(name_of(identifier))
