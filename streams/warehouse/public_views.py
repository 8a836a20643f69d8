"""The public face: the views of the configured database read the live generation, under names that never change.

A view cannot be replaced in every ClickHouse, but many tables can be renamed by one statement: the new views are made
beside the old ones first. Cut short anywhere, it is done again from its start.
"""

import re
from collections.abc import Iterable
from typing import Final

from dompet.streams.warehouse.base import Warehouse
from dompet.streams.warehouse.generations import SHOWN, database_of, read_generations, tell
from dompet.streams.warehouse.operator_tables import quoted

_NEXT: Final = "__next"
_OLD: Final = "__old"
_VIEW: Final = re.compile(r"^CREATE VIEW (\w+) AS", re.MULTILINE)
_DROPPED: Final = re.compile(r"^DROP (?:TABLE|VIEW) (?:IF EXISTS )?(\w+)$")


def views(statements: Iterable[str]) -> dict[str, str]:
    """The views that the migrations' statements leave, by name, each with the statement that makes it."""
    made: dict[str, str] = {}
    for statement in statements:
        if found := _VIEW.match(statement):
            made[found[1]] = statement
        elif found := _DROPPED.match(statement):
            made.pop(found[1], None)
    return made


def show(warehouse: Warehouse, statements: Iterable[str]) -> None:
    """Let the public views read the live generation. Enters the configured database and comes back."""
    number, here = read_generations(warehouse).live, warehouse.database
    public, live = quoted(warehouse.public), database_of(warehouse, number)
    made = views(statements)
    warehouse.use(warehouse.public)
    try:
        _drop(warehouse, (name + end for name in made for end in (_NEXT, _OLD)))
        for name, statement in made.items():
            new = f"CREATE VIEW {name}{_NEXT} AS"
            copied = f"{new} SELECT * FROM {quoted(live)}.{name}"  # noqa: S608
            warehouse.execute(_VIEW.sub(new, statement, count=1) if live == warehouse.public else copied)
        there, renamed = _tables(warehouse), []
        for name in made:
            if name in there:
                renamed.append(f"{public}.{name} TO {public}.{name}{_OLD}")
            renamed.append(f"{public}.{name}{_NEXT} TO {public}.{name}")
        warehouse.execute(f"RENAME TABLE {', '.join(renamed)}")
        _drop(warehouse, (name + _OLD for name in made))
    finally:
        warehouse.use(here)
    tell(warehouse, number, SHOWN)


def _drop(warehouse: Warehouse, names: Iterable[str]) -> None:
    for name in sorted(set(names) & _tables(warehouse)):
        warehouse.execute(f"DROP TABLE {name}")


def _tables(warehouse: Warehouse) -> set[str]:
    """The names of all tables and views of the database in use."""
    rows = warehouse.read("SELECT name FROM system.tables WHERE database = currentDatabase()").to_pylist()
    return {row["name"].decode() if isinstance(row["name"], bytes) else row["name"] for row in rows}
