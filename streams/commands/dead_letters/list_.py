"""`dompet dead-letters list`: records that break their contract."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 1)


@with_settings("warehouse", "home")
def list_(
    settings: "Settings",
    reason: flags.Reason = None,
    publisher: flags.Publisher = None,
    partition: flags.Partition = None,
    since: flags.Since = None,
    until: flags.Until = None,
    still_open: Annotated[bool, typer.Option("--open", help="Only those that nobody redrove or discarded.")] = False,
    form: flags.Format = None,
) -> int:
    """Show dead letters, the newest first, and how many there are of each reason.

    Nothing of their content is shown. The publisher is read off the bytes where that is possible;
    `--publisher unknown` finds the others.
    """
    from functools import partial

    from dompet.streams.answers.asking import asking, rows
    from dompet.streams.answers.printing import print_answer
    from dompet.streams.dead_letters.letters import letters_sql, reasons_sql
    from dompet.streams.terminal.console import out
    from dompet.streams.terminal.tables import rows_table
    from dompet.streams.warehouse.known import need_all_known

    wanted = flags.wanted_of(reason, publisher, partition, since, until, "open" if still_open else None)
    with asking(settings) as ask:
        need_all_known(partial(rows, ask), {"publisher": wanted.publisher or None})
        if form is None:
            counted = ("error", "letters", "still_open", "redriven", "discarded", "first_at", "last_at")
            out.print(rows_table("By reason", rows(ask, reasons_sql(wanted)), counted))
            out.print()
        shown = ("recorded_at", "partition", "offset", "error", "publisher_id", "size", "status", "acted_by")
        print_answer(ask, letters_sql(wanted), form, "Dead letters", shown, ids=("partition", "offset"))
    return 0
