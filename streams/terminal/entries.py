"""A table of all entries of a kind."""

from collections.abc import Sequence

from dompet.streams.terminal.console import note, out
from dompet.streams.terminal.tables import Row, rows_table


def print_entries(title: str, rows: Sequence[Row], if_none: str) -> None:
    """Print them with all their columns, or the sentence `if_none`."""
    if rows:
        out.print(rows_table(title, rows, tuple(rows[0])))
    else:
        note(if_none)
