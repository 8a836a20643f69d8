"""`dompet event`: what an event says, and what became of it."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Answers", 2)


@with_settings("warehouse", "home")
def event(
    settings: "Settings",
    event_id: Annotated[str, typer.Argument(metavar="ID", help="The event's id, as its publisher gave it.")],
    form: flags.Format = None,
) -> int:
    """Show what an event says, its outcome and reason, its effect, and where it is in the log.

    An event that was published twice is shown twice. Exits with 1 where the journal has no event of this id.
    """
    from dompet.streams.answers.asking import asking, rows
    from dompet.streams.answers.tracing import events_sql, money_in
    from dompet.streams.terminal.console import err, out
    from dompet.streams.terminal.output import write_whole
    from dompet.streams.terminal.tables import facts_table, filled

    with asking(settings) as ask:
        found = rows(ask, events_sql(event_id))
        if form is not None:
            write_whole(ask(events_sql(event_id), form))
        else:
            for number, one in enumerate(found):
                if number:
                    out.print()
                out.print(facts_table(one, filled(one), money_in(one)))
    if not found:
        err.print(f"dompet: the journal has no event of id {event_id}", markup=False, soft_wrap=True)
    return 0 if found else 1
