"""Rates as a table."""

from collections.abc import Mapping, Sequence
from statistics import median

from rich.table import Table

from dompet.streams.answers.page import rows_table
from dompet.streams.console import count


def rates_page(title: str, rates: Mapping[str, Sequence[float]]) -> Table:
    """Of each its median, lowest and highest rate, in events a second."""
    rows = [
        {"": name, "events/s": count(round(median(found))), "lowest": count(round(min(found))),
         "highest": count(round(max(found)))}
        for name, found in rates.items()
    ]  # fmt: skip
    return rows_table(title, rows, tuple(rows[0]))
