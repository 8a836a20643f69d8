"""A reconciliation on the terminal: what became of the lines, and which orders were sold, taken and paid."""

from typing import Final

from rich.console import Console
from rich.table import Table

from dompet.streams.reconciliation.matching import NAMES, Status
from dompet.streams.reconciliation.run import Run
from dompet.streams.reconciliation.three_way import ThreeWay
from dompet.streams.terminal.console import RULED
from dompet.streams.terminal.figures import count, digits

_MEANS: Final = {
    (True, True, True): "as it should be",
    (True, True, False): "taken, not paid",
    (True, False, True): "paid, not taken",
    (True, False, False): "sold only",
    (False, True, True): "paid and taken, not sold",
    (False, True, False): "taken, not sold",
    (False, False, True): "paid, not sold",
    (False, False, False): "given back",
}


def print_run(console: Console, run: Run) -> None:
    """Print the counts and amounts of each status; both sides add up."""
    total = run.total()
    table = _table(f"platform {run.platform}, {run.period}, in rupiah")
    table.add_column("status", "all")
    for heading, footer in (
        ("their lines", count(total.their_lines)),
        ("their amount", digits(total.their_amount)),
        ("our lines", count(total.our_lines)),
        ("our amount", digits(total.our_amount)),
        ("difference", digits(total.their_amount - total.our_amount)),
    ):
        table.add_column(heading, footer, justify="right", no_wrap=True)
    for name, status in zip(NAMES, Status, strict=True):
        sums = run.sums[status]
        difference = digits(sums.their_amount - sums.our_amount)
        their, our = digits(sums.their_amount), digits(sums.our_amount)
        table.add_row(name.replace("_", " "), count(sums.their_lines), their, count(sums.our_lines), our, difference)
    console.print(table)


def print_three_way(console: Console, found: ThreeWay) -> None:
    """Print the cases that there are."""
    table = _table("sold × redeemed or attended × paid, in rupiah")
    for heading in ("sold", "taken", "paid"):
        table.add_column(heading)
    table.add_column("orders", count(found.orders.total()), justify="right")
    table.add_column("sold for", digits(found.sold.total()), justify="right")
    table.add_column("paid for", digits(found.paid.total()), justify="right")
    table.add_column("which is")
    for case, meaning in _MEANS.items():
        if found.orders[case]:
            yes = ["yes" if one else "no" for one in case]
            table.add_row(*yes, count(found.orders[case]), digits(found.sold[case]), digits(found.paid[case]), meaning)
    console.print()
    console.print(table)


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=RULED, show_footer=True)
