"""Rows as tables for a terminal or a pipe."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from dompet.streams.process.visible import visible
from dompet.streams.terminal.console import RULED
from dompet.streams.terminal.figures import count, digits
from dompet.streams.terminal.fitting import FittingTable
from dompet.streams.terminal.times import CLOCK

Row = dict[str, Any]
"""A row of an answer: its columns' names and values."""

ROWS_MAX: Final = 200
"""The most rows that a table shows; `--format` gives all."""

_MOMENTS: Final = frozenset({"since", "at", "spend_by", "first_purchase_due"})
"""The columns with moments whose names do not end in `_at`."""
_PLACE: Final = ("partition", "offset")
_NOTHING: Final[tuple[object, ...]] = (None, "", 0, [])
_COLOURS: Final = {"accepted": "green", "rejected": "red", "duplicate": "dim"}


def rows_table(
    title: str,
    rows: Iterable[Row],
    columns: Sequence[str],
    money: Collection[str] = (),
    ids: Collection[str] = (),
    sums: Collection[str] = (),
) -> FittingTable:
    """These columns of the rows. `money` are rupiah, `ids` whole numbers that count nothing, such as a wave, and `sums`
    those that a last line adds up. Moments are shown in the process's time zone, which the title names.
    """
    shown = list(rows)
    table = ruled_table(f"{title} (times in {CLOCK.name})" if _moments(columns) else title, footer=bool(sums and shown))
    for at, name in enumerate(columns):
        numbers = any(isinstance(row[name], int) for row in shown)
        total = _cell(name, sum(row[name] for row in shown), name in money, False) if name in sums else Text("")
        footer = Text("all") if at == 0 else total
        table.add_column(name.replace("_", " "), footer, justify="right" if numbers else "left", no_wrap=True)
    for row in shown:
        table.add_row(*(_cell(name, row[name], name in money, name in ids) for name in columns))
    return table


def ruled_table(title: str, *, footer: bool = False) -> FittingTable:
    """An empty table in the form that all have."""
    return FittingTable(
        title=Text(title, "bold"),
        title_style="",
        title_justify="left",
        box=RULED,
        show_edge=False,
        show_footer=footer,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        header_style="bold",
    )


def _moments(columns: Iterable[str]) -> list[str]:
    return [one for one in columns if one.removesuffix("_after") in _MOMENTS or one.endswith("_at")]


def filled(row: Row) -> list[str]:
    """The columns of a row that say something: neither empty nor zero, nor a moment's microseconds once more."""
    return [name for name, value in row.items() if name in _PLACE or (value not in _NOTHING and name[-3:] != "_us")]


def facts_table(row: Mapping[str, Any], columns: Sequence[str], money: Collection[str]) -> Table:
    """One row, a line for each column. Moments are shown in the process's time zone."""
    table = Table.grid(padding=(0, 2))
    for name in columns:
        table.add_row(Text(name.replace("_", " "), "dim"), _cell(name, row[name], name in money, False))
    if _moments(columns):
        table.add_row("", Text(f"times in {CLOCK.name}", "dim"))
    return table


def _cell(name: str, value: Any, money: bool, plain: bool) -> Text:
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, int):
        return Text(digits(value) if money else str(value) if plain else count(value))
    text = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    text = visible(CLOCK.shown(text) if _moments([name]) else text)
    return Text(text, _COLOURS.get(text, "") if name == "outcome" else "")
