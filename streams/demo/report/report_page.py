"""The demonstration's report as a page for a terminal or a pipe, from 80 columns on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dompet.streams.demo.report.findings_page import finding_table
from dompet.streams.demo.report.layout import LAYOUTS, Layout, report_table
from dompet.streams.demo.report.report import Report, Wave
from dompet.streams.terminal.figures import count, plural


def print_report(console: Console, report: Report) -> None:
    """Print it, each table in the roomiest layout that fits; what is wider than the console is printed whole."""
    outcomes = ", ".join(f"{count(number)} {outcome}" for outcome, number in report.outcomes.items())
    console.print(Text.assemble((plural(sum(report.outcomes.values()), "event"), "bold"), ": ", outcomes))
    _print_fitting(console, partial(_platforms, report))
    _print_fitting(console, partial(_waves, report))
    for finding in report.findings:
        if finding.lines:
            _print_fitting(console, partial(finding_table, finding))
    for table in _listings(report):
        console.print()
        console.print(table)


def _print_fitting(console: Console, make: Callable[[Layout], Table]) -> None:
    tables = [make(layout) for layout in LAYOUTS]
    fitting = next((one for one in tables if _width(console, one) <= console.width), tables[-1])
    console.print()
    with _as_wide_as(console, _width(console, fitting)):
        console.print(fitting)


@contextmanager
def _as_wide_as(console: Console, needed: int) -> Iterator[None]:
    """Print without cutting anything off, whatever the terminal then does with lines that are too long for it."""
    width = console.width
    try:
        console.width = max(width, needed)
        yield
    finally:
        console.width = width


def _width(console: Console, table: Table) -> int:
    return console.measure(table, options=console.options.update(width=1_000)).maximum


def _platforms(report: Report, layout: Layout) -> Table:
    names = ("sold", "refunded", "completed", "commission", "net")
    table = report_table("Platforms", layout.about("what they sold, and what the institutions get"), layout)
    table.add_column("platform", "all", no_wrap=True)
    _add_numbers(table, names, report.platforms, layout)
    for one in report.platforms:
        table.add_row(one.platform, *(layout.cell(name, getattr(one, name)) for name in names))
    table.caption = "net = sold − commission − (refunded − commission of what was refunded)"
    return table


def _waves(report: Report, layout: Layout) -> Table:
    names = ("wallets", "credited", "net_spent", "returned", "remaining")
    table = report_table("Waves", layout.about("credited = net spent + returned + remaining"), layout)
    table.add_column("wave", "all", justify="right", no_wrap=True)
    _add_numbers(table, names, report.waves, layout)
    table.add_column("", _check(all(one.adds_up and one.agrees for one in report.waves)))
    for one in report.waves:
        cells = (layout.cell(name, getattr(one, name)) for name in names)
        table.add_row(str(one.wave), *cells, _check(one.adds_up and one.agrees))
    table.caption = _verdict(report.waves)
    return table


def _verdict(waves: Sequence[Wave]) -> Text:
    odd = ", ".join(str(one.wave) for one in waves if not one.adds_up)
    apart = ", ".join(str(one.wave) for one in waves if not one.agrees)
    if not odd and not apart:
        return Text("✓ to the rupiah; and the wallets are the sums of the journal's effects", "not dim green")
    wrong = [f"wave {odd} does not add up"] * bool(odd)
    wrong += [f"wave {apart} is not the sum of the journal's effects"] * bool(apart)
    return Text("✗ " + "; ".join(wrong), "not dim bold red")


def _check(right: bool) -> Text:
    return Text("✓", "not bold green") if right else Text("✗", "bold red")


def _listings(report: Report) -> Iterator[Table]:
    if report.reasons:
        yield _listing("Rejected", ("reason", "events", "of type"), report.reasons)
    if report.dead:
        yield _listing("Dead letters", ("error", "records", "for example"), report.dead)


def _listing(title: str, names: Sequence[str], lines: list[tuple[str, int, str]]) -> Table:
    table = report_table(title, "", LAYOUTS[0])
    table.add_column(names[0], "all", no_wrap=True)
    table.add_column(names[1], count(sum(number for _, number, _ in lines)), justify="right", no_wrap=True)
    table.add_column(names[2], overflow="fold")
    for name, number, more in lines:
        table.add_row(name, count(number), Text(more))
    return table


def _add_numbers(table: Table, names: Sequence[str], lines: Sequence[Any], layout: Layout) -> None:
    for name in names:
        footer = layout.cell(name, sum(getattr(one, name) for one in lines))
        table.add_column(layout.heading(name), footer, justify="right", vertical="bottom", no_wrap=True)
