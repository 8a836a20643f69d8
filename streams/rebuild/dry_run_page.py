"""What a dry run found, for a terminal or a pipe."""

from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dompet.streams.rebuild.dry_run import DryRun
from dompet.streams.rebuild.wallets import AMOUNTS, Wallets
from dompet.streams.terminal.console import RULED
from dompet.streams.terminal.figures import count, plural, rupiah

_CHANGES_MAX = 20


def dry_run_page(found: DryRun) -> RenderableType:
    """A dry run, rendered: how the events end, the money, and a few wallets."""
    changed = sum(one.events for one in found.changes)
    head = Text(f"{plural(found.events, 'event')} compared, {count(changed)} with another outcome")
    parts: list[RenderableType] = [head]
    if found.missing:
        parts.append(Text(f"the live journal lacks {plural(found.missing, 'row')} that the log has", "yellow"))
    if found.same_outcome:
        parts.append(Text(f"{plural(found.same_outcome, 'event')} with the same outcome and other effects or flags"))
    if found.changes:
        parts += ["", _changes(found)]
    parts += ["", _wallets(found.wallets)]
    if found.wallets.examples:
        parts += ["", _examples(found.wallets)]
    return Group(*parts)


def _table(*headings: str, title: str) -> Table:
    table = Table(box=RULED, show_edge=False, padding=(0, 2, 0, 0), pad_edge=False, title=title, title_justify="left")
    for at, heading in enumerate(headings):
        table.add_column(heading, justify="left" if at == 0 else "right")
    return table


def _changes(found: DryRun) -> Table:
    table = _table("type", "before", "after", "events", title="Events that end otherwise")
    for one in found.changes[:_CHANGES_MAX]:
        table.add_row(one.type or "(dead)", one.before, one.after, count(one.events))
    if rest := sum(one.events for one in found.changes[_CHANGES_MAX:]):
        table.add_row("others", "", "", count(rest))
    return table


def _wallets(wallets: Wallets) -> Table:
    title = f"Wallets: {count(wallets.before)} before, {count(wallets.after)} after, {count(wallets.changed)} changed"
    table = _table("amount", "wallets changed", "sum before", "sum after", "difference", title=title)
    for one in wallets.amounts:
        sums = (rupiah(one.before), rupiah(one.after), rupiah(one.after - one.before))
        table.add_row(one.column, count(one.wallets), *sums)
    return table


def _examples(wallets: Wallets) -> Table:
    table = _table("beneficiary_id", "column", "before", "after", title="The first of them")
    for one in wallets.examples:
        for at, name in enumerate(one.before or one.after):
            values = (_shown(name, side.get(name)) for side in (one.before, one.after))
            table.add_row(one.beneficiary_id if at == 0 else "", name.removesuffix("_us"), *values)
    return table


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "no wallet"
    if name.endswith("_us"):  # as the view `wallets` has it: whole seconds of UTC, nothing where there is no time
        return f"{datetime.fromtimestamp(value // 1_000_000, UTC):%Y-%m-%d %H:%M:%S}" if value else ""
    return rupiah(value) if name in AMOUNTS else str(value)
