"""A settlement on the terminal: a line for each party on its other side, and their sum."""

from typing import Final

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from dompet.streams.settlement.lines import NUMBERS, Party, sums
from dompet.streams.terminal.console import RULED
from dompet.streams.terminal.figures import count, digits

_SHOWN_MAX: Final = 20
_HEADINGS: Final = {"commission_returned": "commission\nreturned", "net_to_institution": "net to\ninstitution"}


def print_lines(console: Console, party: Party, title: str, lines: pa.Table) -> None:
    """Print what the lines are in all; of many parties those that are owed most."""
    other = "institution_id" if party.kind == "platform" else "platform_id"
    grouped = lines.group_by(other).aggregate([(name, "sum") for name in NUMBERS])
    rows = grouped.sort_by([("net_to_institution_sum", "descending"), (other, "ascending")]).to_pylist()
    total = sums(lines)
    table = Table(title=f"{title}, in rupiah", title_justify="left", title_style="bold", box=RULED, show_footer=True)
    table.add_column(other.removesuffix("_id"), "all")
    for name in NUMBERS:
        table.add_column(_HEADINGS.get(name, name), _cell(name, total[name]), justify="right", no_wrap=True)
    for row in rows[:_SHOWN_MAX]:
        table.add_row(str(row[other]), *(_cell(name, row[f"{name}_sum"]) for name in NUMBERS))
    if len(rows) > _SHOWN_MAX:
        table.add_row(f"… {count(len(rows) - _SHOWN_MAX)} more")
    console.print(table)


def _cell(name: str, number: int) -> str:
    return count(number) if name in ("sales", "refunds") else digits(number)
