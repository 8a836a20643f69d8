"""A reconciliation on the terminal: what became of the lines, and which orders were sold, taken and paid."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from dompet.streams.reconciliation.matching import NAMES, Status
from dompet.streams.reconciliation.model import Run
from dompet.streams.reconciliation.three_way import ThreeWay
from dompet.streams.terminal.console import RULED
from dompet.streams.terminal.figures import count, digits, plural, rupiah
from dompet.streams.terminal.tables import Row, rows_table

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


def print_differences(console: Console, first: Sequence[Row], many: int) -> None:
    """Print the first lines that differ, of so many."""
    if many:
        title = f"The first {count(len(first))} of {count(many)} lines that differ, in rupiah"
        columns = ("status", "line", "order_id", "their_amount", "our_amount", "difference")
        rows = [{**row, "status": str(row["status"]).replace("_", " ")} for row in first]
        console.print()
        console.print(rows_table(title, rows, columns, ("their_amount", "our_amount", "difference"), ("line",)))


def print_first_lines(console: Console, lines: Sequence[Row]) -> None:
    """Print lines as they are read."""
    columns = ("line", "order_id", "beneficiary_id", "amount", "refund")
    console.print(rows_table("The first lines as they are read, in rupiah", lines, columns, ("amount",), ("line",)))


def notes(run: Run) -> Iterator[str]:
    """What else a person should know of the files and the ids: what was left out, and what was seen."""
    for file in run.files:
        which = f"of {file.path.name} " if len(run.files) > 1 else ""
        if file.outside.lines:
            amount = rupiah(file.outside.amount)
            yield f"left out {plural(file.outside.lines, 'line')} {which}dated outside the period: {amount}"
        if file.left_out.lines:
            unread = f", and {plural(file.left_out.unread, 'line')} without an amount" if file.left_out.unread else ""
            amount = f"{rupiah(file.left_out.amount)}{unread}"
            yield f"left out {plural(file.left_out.lines, 'line')} {which}by leave_out: {amount}"
        if file.unread_from:
            yield f"the table {which}ends at line {file.unread_from}, by ends_at: what follows was not read"
        yield from file.ids.sentences()
    yield from run.our_ids.sentences()


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
