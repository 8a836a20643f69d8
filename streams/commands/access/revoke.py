"""`dompet access revoke`: tokens that are valid no longer."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 4)


@with_settings("kafka", "home")
def revoke(
    settings: "Settings",
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose tokens.")],
    old: Annotated[bool, typer.Option("--old", help="Only the one before the newest.")] = False,
    by: flags.By = None,
) -> int:
    """End an entry's tokens, and with them every session, within two seconds."""
    from dompet.streams.access.entries import AccessError
    from dompet.streams.access.topic import read_entries, write_entry
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.dead_letters.actions import acting_user
    from dompet.streams.terminal.console import done

    who, settings = acting_user(by), with_kafka(settings)
    there = read_entries(settings).get(name)
    if there is None:
        raise AccessError(f"{name} has no entry")
    left = there.revoked(who, old=old)
    write_entry(settings, left)
    done(f"{name} may not enter any more" if not left.tokens else f"{name} may enter by the newest token alone")
    return 0
