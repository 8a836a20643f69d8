"""A table that fits: where it is wider than the terminal, its rows become blocks, and nothing is cut off."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_GAP: Final = 2
"""Blanks between two facts of a block."""
_WIDE: Final = 10_000
"""More than any table."""


class FittingTable(Table):
    """Rich's table, whose columns keep their whole text."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table where its whole width is there; else its title, then a block for each row and one for its sums."""
        if self._whole_width(console, options) <= options.max_width:
            yield from super().__rich_console__(console, options)
            return
        if self.title:
            yield Text.assemble(self.title, style="bold") if isinstance(self.title, str) else self.title
        for facts in self._rows():
            yield Text()
            yield from _flowed(console, facts, options.max_width)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """It takes whatever width there is."""
        return Measurement(1, min(self._whole_width(console, options), options.max_width))

    def _whole_width(self, console: Console, options: ConsoleOptions) -> int:
        return super().__rich_measure__(console, options.update(width=_WIDE)).maximum

    def _rows(self) -> Iterator[list[tuple[str, Text]]]:
        """Each row as headings and values; blanks are left out."""
        headings = [_text(column.header).plain.replace("\n", " ") for column in self.columns]
        for values in zip(*(column.cells for column in self.columns), strict=True):
            yield _facts(headings, values)
        if self.show_footer:  # whose first cell says what the sums are of
            yield _facts(["", *headings[1:]], [column.footer for column in self.columns])


def _facts(headings: Sequence[str], values: Sequence[Any]) -> list[tuple[str, Text]]:
    return [(name, text) for name, one in zip(headings, values, strict=True) if (text := _text(one)).plain]


def _text(cell: Any) -> Text:
    return cell if isinstance(cell, Text) else Text(str(cell))


def _flowed(console: Console, facts: list[tuple[str, Text]], width: int) -> Iterator[Text]:
    """The facts of a row beside each other, as many as a line holds."""
    line = Text()
    for name, value in facts:
        fact = Text.assemble((f"{name} " if name else "", "dim"), value)
        if line.plain and console.measure(line).maximum + _GAP + console.measure(fact).maximum > width:
            yield line
            line = Text()
        line = Text.assemble(line, " " * _GAP if line.plain else "", fact)
    yield line
