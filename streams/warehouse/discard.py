"""Generations that are wanted no more are dropped, and nothing else is."""

from dompet.streams.warehouse.base import Warehouse
from dompet.streams.warehouse.generations import FIRST, database_of, read_generations
from dompet.streams.warehouse.migrate import created
from dompet.streams.warehouse.operator_tables import OF_EACH_DATABASE, SHARED_TABLES, quoted
from dompet.streams.warehouse.texts import text_rows


def derived() -> list[str]:
    """The tables, and what feeds them, that are functions of the log and of the catalogue; feeds first."""
    return [name for name in reversed(created()) if name not in SHARED_TABLES | OF_EACH_DATABASE]


def drop_discarded(warehouse: Warehouse) -> None:
    """Drop what is left of every generation that is written down as discarded; it may have been cut short before."""
    there = {row["name"] for row in text_rows(warehouse, "SELECT name FROM system.databases")}
    for number in read_generations(warehouse).discarded:
        if number != FIRST:
            if (database := database_of(warehouse, number)) in there:
                warehouse.execute(f"DROP DATABASE {quoted(database)}")
            continue
        for table in derived():
            warehouse.execute(f"DROP TABLE IF EXISTS {quoted(warehouse.public)}.{table}")
