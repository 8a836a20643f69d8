"""`dompet rejections`: every rejected event with its reason, for the publisher who sent it."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Answers", 7)


@with_settings("warehouse", "home")
def rejections(
    settings: "Settings",
    publisher: Annotated[str | None, typer.Option(metavar="P", help="The publisher who sent them.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="T", help="Recorded since T: a day, or a time with offset.")
    ] = None,
    form: flags.Format = None,
) -> int:
    """Show rejected events with their reasons, the newest first.

    --since looks at when the log recorded them, so that nothing is missed that came late; a day begins in Asia/Jakarta.
    """
    from functools import partial

    from dompet.streams.answers.asking import asking, rows
    from dompet.streams.answers.printing import print_answer
    from dompet.streams.answers.rejections import rejections_sql
    from dompet.streams.parsing.moments import since_us
    from dompet.streams.warehouse.known import need_all_known

    begin_us = since_us("--since", since)
    columns = ("recorded_at", "occurred_at", "type", "event_id", "beneficiary_id", "order_id", "amount", "reason")
    title = f"Rejected events of {publisher}" if publisher is not None else "Rejected events"
    with asking(settings) as ask:
        need_all_known(partial(rows, ask), {"publisher": publisher})
        print_answer(
            ask, rejections_sql(publisher, begin_us), form, title, columns, ("amount",), empty="no event was rejected"
        )
    return 0
