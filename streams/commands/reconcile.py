"""`dompet reconcile`: a platform's or a bank's statement compared with the journal, line by line."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.schemas.errors import DompetError
from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Money", 2)


@with_settings("warehouse", "home")
def reconcile(
    settings: "Settings",
    statement: Annotated[Path | None, typer.Option(metavar="FILE", help="The statement: CSV or .xlsx.")] = None,
    mapping: Annotated[Path | None, typer.Option(metavar="MAP.toml", help="Which columns hold what, and how.")] = None,
    platform: Annotated[str | None, typer.Option(metavar="P", help="The platform whose orders it is about.")] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day, in Asia/Jakarta: 2020-04-01.")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="The last day.")] = None,
    redemptions: Annotated[Path | None, typer.Option(metavar="FILE", help="What was redeemed or attended.")] = None,
    bank: Annotated[Path | None, typer.Option(metavar="FILE", help="What was paid.")] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where all lines that differ go: .csv or .parquet.")
    ] = None,
    suggest: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Propose a mapping for a file instead, and show how it is read.")
    ] = None,
) -> int:
    """Hold a platform's or a bank's statement against the journal, line by line.

    Each line is matched, differs in its amount, is only theirs or only ours, or is twice in theirs; the run is
    kept in the views reconciliations and reconciliation_lines. With a file of redemptions or of payments also: which
    orders were sold, redeemed or attended, and paid. Exits with 1 where a line differs, of which the first are shown.
    Works also while a worker runs. --suggest needs no warehouse and stores nothing.
    """
    if suggest is not None:
        return _suggest(suggest)
    if statement is None or mapping is None or platform is None or first is None or last is None:
        raise DompetError("give --statement, --mapping, --platform, --from and --to; or --suggest FILE for a mapping")
    from dompet.streams.reconciliation.differences import Differences
    from dompet.streams.reconciliation.mapping import read_mapping
    from dompet.streams.reconciliation.model import Run
    from dompet.streams.reconciliation.page import notes, print_differences, print_run, print_three_way
    from dompet.streams.reconciliation.reading import StatementFile
    from dompet.streams.reconciliation.run import reconcile as reconcile_it
    from dompet.streams.settlement.files import check_target
    from dompet.streams.settlement.period import Period, now_us
    from dompet.streams.terminal.console import done, note, out, working
    from dompet.streams.terminal.figures import Stopwatch, plural
    from dompet.streams.warehouse.client import warehouse_client

    period, watch = Period.parsed(first, last), Stopwatch()
    layouts = read_mapping(mapping)
    if out_file:
        check_target(out_file, "a file of differences")
    run = Run(platform, period, StatementFile(statement, layouts.statement, period), layouts, redemptions, bank)
    with (
        warehouse_client(settings) as opened,
        working(f"reconciling {statement}"),
        Differences.into(out_file) as differences,
    ):
        reconcile_it(opened, run, now_us(), differences.add)
    print_run(out, run)
    print_differences(out, differences.first, differences.many)
    if run.three_way:
        print_three_way(out, run.three_way)
    for sentence in notes(run):
        note(sentence)
    lines = run.total().their_lines
    done(f"reconciled {plural(lines, 'line')} in {watch.seconds:.1f} s; kept as run {run.run_id}")
    if out_file:
        done(f"{plural(differences.many, 'line')} that differ in {out_file}")
    return 1 if run.differs else 0


def _suggest(file: Path) -> int:
    """Propose a mapping on stdout, and show on stderr what it makes of the file."""
    from dompet.streams.reconciliation.page import print_first_lines
    from dompet.streams.reconciliation.suggesting import first_lines, proposed
    from dompet.streams.terminal.console import err, note
    from dompet.streams.terminal.output import write_whole

    proposal = proposed(file)
    write_whole(proposal.toml().encode())
    lines, wrong = first_lines(file, proposal.toml())
    if lines:
        print_first_lines(err, lines)
    for remark in proposal.remarks:
        note(remark)
    if wrong:
        note(f"with this mapping it is refused: {wrong}")
    return 0
