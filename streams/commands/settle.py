"""`dompet settle`: what a platform or an institution sold and is owed, and the statements that close periods."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Money", 1)


@with_settings("warehouse", "home")
def settle(
    settings: "Settings",
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="The first day, in Asia/Jakarta: 2020-04-01.")],
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="The last day.")],
    file: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the lines go: .csv or .parquet.")],
    platform: Annotated[str | None, typer.Option(metavar="P", help="The platform whose sales these are.")] = None,
    institution: Annotated[
        str | None, typer.Option(metavar="I", help="Or the institution that gave the courses.")
    ] = None,
    issue: Annotated[bool, typer.Option("--issue", help="Issue the statement, which closes the period.")] = False,
) -> int:
    """Settle a period: sold, refunded, commission and net, for each institution and day.

    The sums are compared with the journal's. With --issue they are a statement and never change: what is reported later
    of the period appears as adjustments in the party's next statement. Works also while a worker runs.
    """
    from dompet.streams.settlement.files import check_target, written
    from dompet.streams.settlement.lines import Party, SettlementError
    from dompet.streams.settlement.page import print_lines
    from dompet.streams.settlement.period import Period, now_us
    from dompet.streams.settlement.statements import check_issuable
    from dompet.streams.settlement.statements import issue as issue_it
    from dompet.streams.settlement.statements import settle as settlement_of
    from dompet.streams.terminal.console import done, note, out
    from dompet.streams.terminal.figures import plural
    from dompet.streams.warehouse.client import warehouse_client
    from dompet.streams.warehouse.known import need_known, rows_of
    from dompet.streams.warehouse.waiting import waiting_reported

    if (platform is None) == (institution is None):
        raise SettlementError("a settlement is for one party: give --platform or --institution")
    party = Party("platform", platform) if platform is not None else Party("institution", institution or "")
    party.check()
    period = Period.parsed(first, last)
    check_target(file)
    with warehouse_client(settings) as opened, waiting_reported(settings):
        need_known(rows_of(opened), party.kind, party.id)
        found = settlement_of(opened, party, period)
        if issue:
            check_issuable(found, now_us())
        lines = found.statement if issue else found.lines
        with written(file, lines):
            statement = issue_it(opened, found, now_us()) if issue else None
    if not len(lines):
        note(f"the journal has nothing of {party} in this period")
    print_lines(out, party, f"{party}, {period}", lines)
    if statement:
        done(f"issued statement {statement.number} of {party}, {statement.statement_id}, which closes {period}")
    late = f"{plural(len(found.adjustments), 'adjustment')} of closed periods"
    if len(found.adjustments):
        note(
            f"{late} {'is' if len(found.adjustments) == 1 else 'are'} in it"
            if issue
            else f"{late} for the next statement"
        )
    done(f"{plural(len(lines), 'line')} in {file}; the sums are the journal's")
    return 0
