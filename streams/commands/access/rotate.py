"""`dompet access rotate`: another token."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 3)


@with_settings("kafka", "home")
def rotate(
    settings: "Settings",
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose token.")],
    by: flags.By = None,
) -> int:
    """Print another token of an entry. The one before stays valid until the next rotation, or `revoke --old`."""
    from dompet.streams.access.entries import AccessError
    from dompet.streams.access.topic import read_entries, write_entry
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.dead_letters.actions import acting_user
    from dompet.streams.terminal.console import done
    from dompet.streams.terminal.output import write_whole

    who, settings = acting_user(by), with_kafka(settings)
    there = read_entries(settings).get(name)
    if there is None or not there.tokens:
        raise AccessError(f"{name} has no entry: `dompet access add` makes one")
    made, token = there.rotated(who)
    write_entry(settings, made)
    write_whole(f"{token}\n".encode())
    done(f"the token above is shown once; {len(made.tokens)} tokens of {name} are valid now")
    return 0
