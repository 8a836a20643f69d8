"""The step that makes the views of a database what they should be, where they are anything else.

A table holds, for each view, the digest of the statement that made it and the digest of what the warehouse made of it.
A view of which either is another is made beside the old one and takes its place at once: a query finds the one or the
other, and several processes may do this at the same time. What was cut short is done by the next run.

The configured database is the public one: its views read the live generation, under names that never change.
"""

import re
import time
import uuid
from collections.abc import Mapping
from typing import Final

from dompet.streams.warehouse.attempts import attempted
from dompet.streams.warehouse.base import Warehouse
from dompet.streams.warehouse.comments import abouts
from dompet.streams.warehouse.generations import SHOWN, database_of, read_generations, record_event
from dompet.streams.warehouse.operator_tables import quoted
from dompet.streams.warehouse.texts import text_rows
from dompet.streams.warehouse.view_statements import Statements, Wanted, digest
from dompet.streams.warehouse.views import views

_BESIDE: Final = re.compile(r"\w+__(?:next|old)_[0-9a-f]{12}")
_THERE: Final = (
    "SELECT name, create_table_query AS made FROM system.tables WHERE database = currentDatabase() AND engine = 'View'"
)
_KNOWN: Final = (
    "SELECT name, argMax(digest, version) AS wanted, argMax(made, version) AS found FROM view_rows GROUP BY name"
)
_EXCHANGES: Final = (
    "SELECT name FROM system.databases WHERE name = currentDatabase() AND engine IN ('Atomic', 'Replicated', 'Overlay')"
)


def show(warehouse: Warehouse) -> list[str]:
    """Make the views that are not as they should be, of the generation in use and of the public database; their names.

    WarehouseError where the warehouse refuses.
    """
    return attempted(lambda: show_once(warehouse), "the views are gone through again")


def show_once(warehouse: Warehouse) -> list[str]:
    """The same; WarehouseError where the warehouse refuses, also where another process does the same at this moment."""
    generations, here = read_generations(warehouse), warehouse.database
    live = database_of(warehouse, generations.live)
    own = {name: Wanted(view.query, abouts()[name]) for name, view in views().items()}
    changed = [] if here == warehouse.public else _place(warehouse, own)
    shown = own if live == warehouse.public else {name: _copied(one, live, name) for name, one in own.items()}
    warehouse.use(warehouse.public)
    try:
        changed += _place(warehouse, shown)
    finally:
        warehouse.use(here)
    if not generations.shown:
        record_event(warehouse, generations.live, SHOWN)
    return list(dict.fromkeys(changed))


def _copied(view: Wanted, live: str, name: str) -> Wanted:
    query = f"SELECT * FROM {quoted(live)}.{name}"  # noqa: S608
    return Wanted(query, view.about, view.digest)


def _place(warehouse: Warehouse, wanted: Mapping[str, Wanted]) -> list[str]:
    """Make these the views of the database in use; the names of those that were not."""
    there, known = _there(warehouse), _known(warehouse)
    changed = [name for name, one in wanted.items() if known.get(name) != (one.digest, there.get(name))]
    if changed:
        run = uuid.uuid4().hex[:12]
        named = {name: f"{name}__next_{run}" if name in there else name for name in changed}
        statements = Statements(warehouse)
        for name, beside in named.items():
            warehouse.execute(statements.create(beside, wanted[name]))
        made = _there(warehouse)
        _exchange(warehouse, [name for name in changed if name in there], run)
        _remember(warehouse, {name: (wanted[name].digest, made[beside]) for name, beside in named.items()})
        there = _there(warehouse)
    gone = known.keys() - wanted.keys()
    for name in sorted(name for name in there if name in gone or _BESIDE.fullmatch(name)):
        warehouse.execute(f"DROP TABLE IF EXISTS {name}")
    return changed


def _exchange(warehouse: Warehouse, names: list[str], run: str) -> None:
    """Put each new view into the place of the old one, so that a query at any moment finds one of them."""
    if text_rows(warehouse, _EXCHANGES):
        for name in names:
            warehouse.execute(f"EXCHANGE TABLES {name} AND {name}__next_{run}")
    elif names:  # where tables cannot be exchanged, all that one statement renames is renamed at once
        steps = (f"{name} TO {name}__old_{run}, {name}__next_{run} TO {name}" for name in names)
        warehouse.execute(f"RENAME TABLE {', '.join(steps)}")


def _there(warehouse: Warehouse) -> dict[str, str]:
    """The views of the database in use, each with the digest of what the warehouse made of its statement."""
    rows = text_rows(warehouse, _THERE)
    # From the list of columns on: the names before it are those of the moment.
    return {row["name"]: digest(row["made"].partition("(")[2]) for row in rows}


def _known(warehouse: Warehouse) -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["wanted"], row["found"]) for row in text_rows(warehouse, _KNOWN)}


def _remember(warehouse: Warehouse, made: Mapping[str, tuple[str, str]]) -> None:
    import pyarrow as pa

    rows = {
        "name": pa.array(list(made)),
        "digest": pa.array([wanted for wanted, _ in made.values()]),
        "made": pa.array([found for _, found in made.values()]),
        "version": pa.array([time.time_ns()] * len(made), pa.int64()),
    }
    warehouse.insert("view_rows", pa.table(rows))
