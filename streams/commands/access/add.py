"""`dompet access add`: an entry with its first token."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 1)


@with_settings("kafka", "home")
def add(
    settings: "Settings",
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who it is for.")],
    role: Annotated[
        list[str],
        typer.Option(metavar="ROLE", help="viewer, officer, analyst, publisher, operator; more than one, too."),
    ],
    party: Annotated[
        str, typer.Option(metavar="P", help="Of a publisher: the platform or institution that it is.")
    ] = "",
    by: flags.By = None,
) -> int:
    """Make an entry, and print its token, which is shown once.

    A viewer sees sums and no single person; an officer persons, clearings and statements; an analyst asks in SQL; a
    publisher sees what is its own; an operator the pipeline, rejections and dead letters.
    """
    from dompet.streams.access.entries import AccessError, new_entry
    from dompet.streams.access.topic import read_entries, write_entry
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.dead_letters.actions import acting_user
    from dompet.streams.terminal.console import done
    from dompet.streams.terminal.output import write_whole

    entry, who = new_entry(name, role, party), acting_user(by)
    settings = with_kafka(settings)
    there = read_entries(settings).get(name)
    if there is not None and there.tokens:
        raise AccessError(f"{name} has an entry: `dompet access rotate` gives another token, `revoke` ends it")
    made, token = entry.rotated(who)
    write_entry(settings, made)
    write_whole(f"{token}\n".encode())
    done(f"{name} may enter as {' and '.join(sorted(role))}; the token above is shown once, and nobody can look it up")
    return 0
