"""Rates beside one another, and whether what is promised of them holds: what the smaller benchmarks end with."""

import sys
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NoReturn

from rich.table import Table

from dompet.streams.terminal.console import done, note
from dompet.streams.terminal.figures import count
from dompet.streams.terminal.tables import rows_table
from tests.bench.processes import BenchError


def rates_page(title: str, rates: Mapping[str, Sequence[float]], unit: str = "events/s") -> Table:
    """Of each its median, lowest and highest rate, in events a second, or in another unit."""
    rows = [
        {"": name, unit: count(round(median(found))), "lowest": count(round(min(found))),
         "highest": count(round(max(found)))}
        for name, found in rates.items()
    ]  # fmt: skip
    return rows_table(title, rows, tuple(rows[0]))


def verdict(sentence: str, *, kept: bool) -> int:
    """Tell whether a promise is kept; the exit code for it."""
    (done if kept else note)(sentence)
    return int(not kept)


def run_alone(main: Callable[[], int]) -> NoReturn:
    """Run a benchmark as a command: it ends with its code, or with 1 and a sentence where it cannot be measured."""
    try:
        sys.exit(main())
    except BenchError as error:
        note(str(error))
        sys.exit(1)
