"""Rows as tables for a terminal or a pipe."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dompet.streams.terminal.console import RULED
from dompet.streams.terminal.figures import count, digits

Row = dict[str, Any]
"""A row of an answer: its columns' names and values."""

ROWS_MAX: Final = 200
"""The most rows that a table shows; `--format` gives all."""

_COLOURS: Final = {"accepted": "green", "rejected": "red", "duplicate": "dim"}


def rows_table(
    title: str, rows: Iterable[Row], columns: Sequence[str], money: Collection[str] = (), ids: Collection[str] = ()
) -> Table:
    """These columns of the rows. `money` are rupiah, `ids` whole numbers that count nothing, such as a wave."""
    shown = list(rows)
    table = Table(
        title=Text(title, "bold"),
        title_style="",
        title_justify="left",
        box=RULED,
        show_edge=False,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        header_style="bold",
    )
    for name in columns:
        numbers = any(isinstance(row[name], int) for row in shown)
        table.add_column(name.replace("_", " "), justify="right" if numbers else "left", no_wrap=True)
    for row in shown:
        table.add_row(*(_cell(name, row[name], name in money, name in ids) for name in columns))
    return table


def print_whole(console: Console, table: Table) -> None:
    """Print a table without cutting anything off, whatever the terminal then does with lines that are too long."""
    width = console.width
    try:
        console.width = max(width, console.measure(table, options=console.options.update(width=10_000)).maximum)
        console.print(table)
    finally:
        console.width = width


def facts_table(row: Mapping[str, Any], columns: Sequence[str], money: Collection[str]) -> Table:
    """One row, a line a column."""
    table = Table.grid(padding=(0, 2))
    for name in columns:
        table.add_row(Text(name.replace("_", " "), "dim"), _cell(name, row[name], name in money, False))
    return table


def _cell(name: str, value: Any, money: bool, plain: bool) -> Text:
    if isinstance(value, int):
        return Text(digits(value) if money else str(value) if plain else count(value))
    text = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return Text(text, _COLOURS.get(text, "") if name == "outcome" else "")
