"""`dompet check`: whether the money is conserved, to the rupiah."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands.flags import clickhouse_format

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Answers", 4)


@with_settings("warehouse", "home")
def check(
    settings: "Settings",
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            callback=clickhouse_format,
            help="The differences alone: CSVWithNames, JSONEachRow, …",
        ),
    ] = None,
) -> int:
    """Check that the money is conserved; exits with 1 on any difference, naming it.

    Per wave and decree credited = net spent + returned + remaining; each wallet keeps its laws and is the sum of the
    journal's effects; what platforms' orders cost is what the journal spent. While a worker runs, people of whom a
    batch is just being stored are left out of what is compared with the journal.
    """
    from dompet.streams.answers.asking import asking
    from dompet.streams.answers.check import DIFFERENCES, differences, print_check
    from dompet.streams.terminal.console import out
    from dompet.streams.terminal.output import write_whole

    with asking(settings) as ask:
        if form is None:
            number = print_check(out, ask)
        else:
            write_whole(ask(DIFFERENCES, form))
            number, _ = differences(ask)
    return 1 if number else 0
