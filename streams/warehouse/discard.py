"""Generations that are wanted no more are dropped, and nothing else is."""

import re
from typing import Final

from dompet.streams.warehouse.base import Warehouse
from dompet.streams.warehouse.generations import FIRST, database_of, read_generations
from dompet.streams.warehouse.migrate import all_statements
from dompet.streams.warehouse.operator_tables import KEPT, quoted

_MADE: Final = re.compile(r"CREATE (?:TABLE|MATERIALIZED VIEW) (\w+)")


def derived() -> list[str]:
    """The tables, and what feeds them, that are functions of the log and of the catalogue; feeds first."""
    made = [found[1] for statement in all_statements() if (found := _MADE.match(statement)) and found[1] not in KEPT]
    return made[::-1]


def drop_discarded(warehouse: Warehouse) -> None:
    """Drop what is left of every generation that is written down as discarded; it may have been cut short before."""
    there = {_text(row["name"]) for row in warehouse.read("SELECT name FROM system.databases").to_pylist()}
    for number in read_generations(warehouse).discarded:
        if number != FIRST:
            if (database := database_of(warehouse, number)) in there:
                warehouse.execute(f"DROP DATABASE {quoted(database)}")
            continue
        for table in derived():
            warehouse.execute(f"DROP TABLE IF EXISTS {quoted(warehouse.public)}.{table}")


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
