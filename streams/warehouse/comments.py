"""What the warehouse itself says of its tables, views and columns: `DESCRIBE` shows it, and so do tools for analysts.

The sentences are those of the columns' declaration and of the comments in the SQL files. Where the warehouse has other
ones it is given these; every ClickHouse stores comments of columns, newer ones also those of tables and views.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Final

from dompet.projections.columns import Meaning
from dompet.streams.warehouse.base import Warehouse, escaped
from dompet.streams.warehouse.shown import UNITS, day_about, day_name, shown_columns, stored_about
from dompet.streams.warehouse.sql_files import About, sql_files, statements
from dompet.streams.warehouse.tables import TABLES
from dompet.streams.warehouse.texts import text_rows
from dompet.streams.warehouse.views import reads, views

_CREATED: Final = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)\n")
_COLUMN: Final = re.compile(r"^    (\w+) +[^,\n]+(?=,?$)", re.MULTILINE)
_COLUMNS: Final = "SELECT table, name, comment FROM system.columns WHERE database = currentDatabase()"
_TABLES: Final = (
    "SELECT {names} FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%Merge%' ORDER BY name"
)
_STORES_WHOLE: Final = (
    "SELECT name FROM system.columns WHERE database = 'system' AND table = 'tables' AND name = 'comment'"
)


@cache
def abouts() -> Mapping[str, About]:
    """What is said of each table and view, and of each of its columns, by name."""
    found: dict[str, About] = {}
    for _, text in sql_files("migrations"):
        for one in statements(text):
            if one.creates:
                found[one.creates] = About(one.about.text, _of_table(one.creates, one.about))
    for name, view in views().items():
        found[name] = About(view.about.text, _of_view(name, found))
    return found


def with_comments(statement: str, *, whole: bool) -> str:
    """A CREATE TABLE as the migrations write it, with the sentences about its columns, and about itself if `whole`."""
    created = _CREATED.match(statement)
    about = abouts().get(created[1]) if created else None
    if about is None:
        return statement
    columns = about.columns

    def with_comment(line: re.Match[str]) -> str:
        return f"{line[0]} COMMENT {literal(columns[line[1]])}" if line[1] in columns else line[0]

    said = _COLUMN.sub(with_comment, statement)
    return f"{said}\nCOMMENT {literal(about.text)}" if whole else said


def stores_whole(warehouse: Warehouse) -> bool:
    """Whether it stores comments of tables and views themselves: all store those of columns."""
    return bool(text_rows(warehouse, _STORES_WHOLE))


def comment_tables(warehouse: Warehouse) -> None:
    """Store the sentences about the tables of the database in use, where it has others."""
    stored: dict[str, dict[str, str]] = defaultdict(dict)
    for row in text_rows(warehouse, _COLUMNS):
        stored[row["table"]][row["name"]] = row["comment"]
    whole = stores_whole(warehouse)
    for row in text_rows(warehouse, _TABLES.replace("{names}", "name, comment" if whole else "name")):
        table, now = row["name"], stored[row["name"]]
        about = abouts().get(table, About())
        changes = [
            f"COMMENT COLUMN `{name}` {literal(said)}"
            for name, said in about.columns.items()
            if now.get(name, said) != said
        ]
        if whole and about.text and row["comment"] != about.text:
            changes.append(f"MODIFY COMMENT {literal(about.text)}")
        if changes:
            warehouse.execute(f"ALTER TABLE {table} {', '.join(changes)}")


def literal(text: str) -> str:
    """A text as SQL has it."""
    return escaped(text)


def _of_table(name: str, written: About) -> dict[str, str]:
    """Of a table's columns: by their declaration, or else by the table's file; those of the log's records alike."""
    general = {column.name: stored_about(column) for column in TABLES["journal_rows"]}
    return general | dict(written.columns) | {column.name: stored_about(column) for column in TABLES.get(name, ())}


def _of_view(name: str, tables: Mapping[str, About]) -> dict[str, str]:
    """Of a view's columns: by its own file, or else by what it reads, of which the first counts."""
    said: dict[str, str] = {}
    for source in reversed(reads(name)):
        said |= _of_view(source, tables) if source in views() else _shown_of(source, tables.get(source, About()))
    said |= views()[name].about.columns
    return {day_name(one): day_about(one) for one in said} | said


def _shown_of(name: str, about: About) -> dict[str, str]:
    """Of what views show of a table's columns, and of the columns themselves."""
    times = {
        column.removesuffix("_us"): said.replace(UNITS[Meaning.MOMENT], "In UTC, to the second.")
        for column, said in about.columns.items()
        if column.endswith("_us")
    }
    declared = {one.name: one.about for one in shown_columns(name)} if name in TABLES else {}
    return dict(about.columns) | times | declared
