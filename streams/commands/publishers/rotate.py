"""`dompet publishers rotate`: another token, or another key."""

from pathlib import Path
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
    name: flags.PublisherId,
    public_key: flags.PublicKeyFile = None,
    end_old: Annotated[bool, typer.Option("--end-old", help="End all but the newest token and key.")] = False,
    by: flags.By = None,
) -> int:
    """Print another token of a publisher; with --public-key, take another key of it.

    The one before stays valid until the next rotation, or until --end-old.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.dead_letters.actions import acting_user
    from dompet.streams.process.tokens import now
    from dompet.streams.publishers.editing import entry_to_change
    from dompet.streams.publishers.keys import public_key as key_of
    from dompet.streams.publishers.topic import write_publisher
    from dompet.streams.terminal.console import done, write_whole

    who, settings = acting_user(by), with_kafka(settings)
    key = key_of(Path(public_key).read_bytes(), now()) if public_key else None
    entry = entry_to_change(settings, name)
    if end_old:
        write_publisher(settings, entry.without_old(who))
        done(f"of {name} only the newest token and the newest key are valid")
    elif key is not None:
        entry = entry.with_key(who, key)
        write_publisher(settings, entry)
        done(f"requests of {name} must be signed; of its keys {len(entry.keys)} are valid now")
    else:
        entry, token = entry.with_token(who)
        write_publisher(settings, entry)
        write_whole(f"{token}\n".encode())
        done(f"the token above is shown once; of the tokens of {name} {len(entry.tokens)} are valid now")
    return 0
