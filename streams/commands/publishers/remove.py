"""`dompet publishers remove`: a publisher's entry is gone."""

from typing import TYPE_CHECKING, Final

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 8)


@with_settings("kafka", "home")
def remove(settings: "Settings", name: flags.PublisherId, by: flags.By = None) -> int:
    """End a publisher's entry with its tokens and keys, within two seconds. What it published stays."""
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.dead_letters.actions import acting_user
    from dompet.streams.kafka.admin import admin_client
    from dompet.streams.kafka.rights import take_rights
    from dompet.streams.publishers.editing import entry_to_change
    from dompet.streams.publishers.topic import remove_publisher
    from dompet.streams.terminal.console import done

    who, settings = acting_user(by), with_kafka(settings)
    entry_to_change(settings, name)
    remove_publisher(settings, name, who)
    if take_rights(admin_client(settings), name):
        done(f"the broker has no user {name} any more; its inbox stays, and is not routed")
    done(f"{name} has no entry any more")
    return 0
