"""The demonstration's report as a page for a terminal or a pipe, from 80 columns on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dompet.streams.console import RULED, count, digits, plural, rupiah
from dompet.streams.demo.report import Report, Wave

_HEADINGS: Final = {"net": "net to\ninstitutions", "net_spent": "net spent"}


@dataclass(frozen=True)
class Layout:
    """How wide a table is: whether amounts say that they are rupiah, how far columns stand apart."""

    currency: bool
    gap: int
    completed: str = "completed"

    def cell(self, name: str, number: int) -> str:
        """A number as its column shows it."""
        if name in ("completed", "wallets"):
            return count(number)
        return rupiah(number) if self.currency else digits(number)

    def heading(self, name: str) -> str:
        """What stands over a column."""
        return self.completed if name == "completed" else _HEADINGS.get(name, name)

    def about(self, sentence: str) -> str:
        """What a table is about, and the currency where the amounts don't say it."""
        return sentence if self.currency else f"{sentence}, in rupiah"


_LAYOUTS: Final = (Layout(True, 3), Layout(True, 2), Layout(False, 3), Layout(False, 2), Layout(False, 1, "finished"))


def print_report(console: Console, report: Report) -> None:
    """Print it, each table in the roomiest layout that fits; what is wider than the console is printed whole."""
    outcomes = ", ".join(f"{count(number)} {outcome}" for outcome, number in report.outcomes.items())
    console.print(Text.assemble((plural(sum(report.outcomes.values()), "event"), "bold"), ": ", outcomes))
    for make in (_platforms, _waves):
        tables = [make(report, layout) for layout in _LAYOUTS]
        fitting = next((one for one in tables if _width(console, one) <= console.width), tables[-1])
        console.print()
        with _as_wide_as(console, _width(console, fitting)):
            console.print(fitting)
    for table in _listings(report):
        console.print()
        console.print(table)


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
    table = _table("Platforms", layout.about("what they sold, and what the institutions get"), layout)
    table.add_column("platform", "all", no_wrap=True)
    _add_numbers(table, names, report.platforms, layout)
    for one in report.platforms:
        table.add_row(one.platform, *(layout.cell(name, getattr(one, name)) for name in names))
    table.caption = "net = sold − commission − (refunded − commission of what was refunded)"
    return table


def _waves(report: Report, layout: Layout) -> Table:
    names = ("wallets", "credited", "net_spent", "returned", "remaining")
    table = _table("Waves", layout.about("credited = net spent + returned + remaining"), layout)
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
    table = _table(title, "", _LAYOUTS[0])
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


def _table(title: str, sentence: str, layout: Layout) -> Table:
    return Table(
        title=Text.assemble((title, "bold"), f"  {sentence}" * bool(sentence)),
        title_style="",
        title_justify="left",
        caption_style="dim",
        caption_justify="left",
        box=RULED,
        show_edge=False,
        show_footer=True,
        padding=(0, layout.gap - 1, 0, 0),
        pad_edge=False,
        header_style="bold",
        footer_style="bold",
    )
