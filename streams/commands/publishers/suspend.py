"""`dompet publishers suspend`: a publisher whose events are refused."""

from typing import TYPE_CHECKING, Final

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 5)


@with_settings("kafka", "home")
def suspend(settings: "Settings", name: flags.PublisherId, by: flags.By = None) -> int:
    """Refuse a publisher's events on every way in, within two seconds. Its tokens and keys stay."""
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.dead_letters.actions import acting_user
    from dompet.streams.publishers.editing import change_entry
    from dompet.streams.terminal.console import done

    who, settings = acting_user(by), with_kafka(settings)
    change_entry(settings, name, who, suspended=True)
    done(f"nothing of {name} is taken in until `dompet publishers resume`")
    return 0
