"""`dompet verify`: the warehouse and the running workers compared with the log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings
    from dompet.streams.verify.report import Report

PLACE: Final = ("Answers", 6)


@with_settings("kafka", "warehouse", "home", "log_topic", "rules", "accept_topic_settings", "batch", "batch_bytes")
def verify(
    settings: "Settings",
    partition: Annotated[int | None, typer.Option("--partition", metavar="P", help="One partition alone.")] = None,
    begin: Annotated[int, typer.Option("--from", metavar="OFFSET", min=0, help="Compare from this offset on.")] = 0,
    end: Annotated[
        int | None, typer.Option("--to", metavar="OFFSET", min=1, help="Compare up to, not including, this offset.")
    ] = None,
    head: Annotated[
        Path | None, typer.Option("--head", metavar="FILE", help="Heads that `dompet chain head` printed earlier.")
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option("--public-key", metavar="FILE", help="PEM; the heads' signature must be by it.")
    ] = None,
) -> int:
    """Read the log again, fold it from nothing, and compare: chain, checkpoints, journal, wallets, orders, and the
    state of the workers that run.

    Names the first partition, offset and column that differs. Exits with 1 on any difference, with 2 where it cannot
    compare. The fold begins at the log's start whatever --from says.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.terminal.console import bar
    from dompet.streams.terminal.figures import Stopwatch
    from dompet.streams.verify.run import Options
    from dompet.streams.verify.run import verify as run

    settings = with_kafka(settings)
    watch = Stopwatch()
    with bar("verifying", 0) as show:
        report = run(settings, Options(partition, begin, end, head, public_key), show)
    _print(report, watch.seconds)
    return 0 if report.holds else 1


def _print(report: "Report", seconds: float) -> None:
    from dompet.streams.terminal.console import done, note, out
    from dompet.streams.terminal.figures import plural, speed

    for sentence in report.accepted:
        note(f"accepted: {sentence}")
    for sentence in report.left_out:
        note(f"not compared: {sentence}")
    if report.unrecorded:
        note(report.unrecorded)
    done(f"read and folded {plural(report.records, 'record')} {speed(report.records, seconds)}")
    for sentence in report.compared:
        out.print(f"compared  {sentence}", markup=False, soft_wrap=True)
    for difference in report.differences:
        out.print(f"DIFFERS   {difference}", markup=False, soft_wrap=True)
    for sentence in report.faults:
        out.print(f"DIFFERS   {sentence}", markup=False, soft_wrap=True)
    out.print("all that was compared is what the log says" if report.holds else "the log says otherwise", markup=False)
