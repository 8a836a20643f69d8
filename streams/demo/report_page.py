"""The demonstration's report as a page for a terminal or a pipe, from 80 columns on."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from dompet.streams.console import count, digits, rupiah
from dompet.streams.demo.report import Platform, Report, Wave

_ROOMY: Final = 112
"""From so many columns on every amount says that it is rupiah; below, the headings do."""


def print_report(console: Console, report: Report) -> None:
    """Print it. What is wider than the console is printed whole."""
    roomy = console.width >= _ROOMY
    for part in (_outcomes(report), _platforms(report, roomy), _waves(report, roomy), _reasons(report), _dead(report)):
        if part is not None:
            _print(console, part)
            console.print()


def _print(console: Console, part: RenderableType) -> None:
    needed = console.measure(part, options=console.options.update(width=1_000)).minimum
    console.print(part, width=max(console.width, needed), crop=False, no_wrap=True, overflow="ignore")


def _outcomes(report: Report) -> Text:
    parts = [f"{count(number)} {outcome}" for outcome, number in report.outcomes.items()]
    return Text.assemble((f"{count(sum(report.outcomes.values()))} events folded", "bold"), ": ", ", ".join(parts))


def _platforms(report: Report, roomy: bool) -> Table:
    totals = [sum(getattr(one, name) for one in report.platforms) for name in _PLATFORM_NUMBERS]
    total = Platform("all", *totals)
    table = _table("Platforms", "what they sold for the institutions, and what those get")
    table.add_column("platform", total.platform, no_wrap=True)
    for heading, footer in zip(_PLATFORM_HEADINGS, _platform_cells(total, roomy), strict=True):
        table.add_column(_heading(heading, roomy), footer, justify="right", no_wrap=True)
    for one in report.platforms:
        table.add_row(one.platform, *_platform_cells(one, roomy))
    table.caption = "net to institutions = sold − commission − (refunded − the commission of what was refunded)"
    return table


_PLATFORM_NUMBERS: Final = ("sold", "refunded", "completed", "commission", "net")
_PLATFORM_HEADINGS: Final = ("sold, Rp", "refunded, Rp", "completed", "commission, Rp", "net to institutions, Rp")


def _platform_cells(one: Platform, roomy: bool) -> Iterator[str]:
    yield from _amounts((one.sold, one.refunded), roomy)
    yield count(one.completed)
    yield from _amounts((one.commission, one.net), roomy)


def _waves(report: Report, roomy: bool) -> Table:
    numbers = ("wallets", "credited", "net_spent", "returned", "remaining")
    wallets, *amounts = (sum(getattr(one, name) for one in report.waves) for name in numbers)
    right = all(one.adds_up and one.agrees for one in report.waves)
    table = _table("Waves", "where the saldo is: credited = net spent + returned + remaining, to the rupiah")
    table.add_column("wave", "all", justify="right", no_wrap=True)
    table.add_column("wallets", count(wallets), justify="right", no_wrap=True)
    headings = ("credited, Rp", "net spent, Rp", "returned, Rp", "remaining, Rp")
    for heading, footer in zip(headings, _amounts(amounts, roomy), strict=True):
        table.add_column(_heading(heading, roomy), footer, justify="right", no_wrap=True)
    table.add_column("", _check(right))
    for one in report.waves:
        amounts = [one.credited, one.net_spent, one.returned, one.remaining]
        table.add_row(str(one.wave), count(one.wallets), *_amounts(amounts, roomy), _check(one.adds_up and one.agrees))
    table.caption = _verdict(report.waves)
    return table


def _verdict(waves: Iterable[Wave]) -> Text:
    odd = [str(one.wave) for one in waves if not one.adds_up]
    apart = [str(one.wave) for one in waves if not one.agrees]
    if not odd and not apart:
        return Text("✓ every wave adds up, and its wallets are the sums of the journal's effects", "green")
    parts = [f"waves {', '.join(odd)} do not add up"] * bool(odd)
    parts += [f"the wallets of waves {', '.join(apart)} are not the sums of the journal's effects"] * bool(apart)
    return Text("✗ " + "; ".join(parts), "bold red")


def _check(right: bool) -> Text:
    return Text("✓", "green") if right else Text("✗", "bold red")


def _reasons(report: Report) -> Table | None:
    return _listing("Rejected", ("reason", "events", "of type"), report.reasons)


def _dead(report: Report) -> Table | None:
    return _listing("Dead letters", ("error", "records", "for example"), report.dead)


def _listing(title: str, headings: Sequence[str], lines: list[tuple[str, int, str]]) -> Table | None:
    if not lines:
        return None
    first, second, third = headings
    table = _table(title, "")
    table.add_column(first, "all", no_wrap=True)
    table.add_column(second, count(sum(number for _, number, _ in lines)), justify="right", no_wrap=True)
    table.add_column(third, overflow="fold")
    for name, number, more in lines:
        table.add_row(name, count(number), Text(more))
    return table


def _table(title: str, sentence: str) -> Table:
    return Table(
        title=Text.assemble((title, "bold"), f"   {sentence}" if sentence else ""),
        title_style="",
        title_justify="left",
        caption_justify="left",
        caption_style="dim",
        box=box.SIMPLE_HEAD,
        show_footer=True,
        pad_edge=False,
        header_style="bold",
        footer_style="bold",
        padding=(0, 1),
    )


def _heading(heading: str, roomy: bool) -> str:
    return heading.removesuffix(", Rp") if roomy else heading


def _amounts(amounts: Iterable[int], roomy: bool) -> Iterator[str]:
    yield from map(rupiah if roomy else digits, amounts)
