"""`dompet publishers quota`: how many events a second."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 4)


@with_settings("kafka", "home")
def quota(
    settings: "Settings",
    name: flags.PublisherId,
    events: Annotated[int, typer.Argument(metavar="N", help="Events a second that each gateway takes of it.")],
    by: flags.By = None,
) -> int:
    """Change how many events a second each gateway takes of a publisher."""
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.dead_letters.actions import acting_user
    from dompet.streams.publishers.editing import change_entry
    from dompet.streams.publishers.entries import checked_quota
    from dompet.streams.terminal.console import done

    who, settings = acting_user(by), with_kafka(settings)
    change_entry(settings, name, who, quota=checked_quota(events))
    done(f"each gateway takes {events} events a second of {name}")
    return 0
