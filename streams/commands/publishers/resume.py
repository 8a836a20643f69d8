"""`dompet publishers resume`: a suspended publisher's events are taken again."""

from typing import TYPE_CHECKING, Final

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 6)


@with_settings("kafka", "home")
def resume(settings: "Settings", name: flags.PublisherId, by: flags.By = None) -> int:
    """Take a suspended publisher's events in again."""
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.dead_letters.actions import acting_user
    from dompet.streams.publishers.editing import change_entry
    from dompet.streams.terminal.console import done

    who, settings = acting_user(by), with_kafka(settings)
    change_entry(settings, name, who, suspended=False)
    done(f"events of {name} are taken in again")
    return 0
