"""`dompet publishers add`: a publisher with its first token, or its public key."""

from pathlib import Path
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
    name: flags.PublisherId,
    kind: Annotated[str, typer.Option(metavar="KIND", help="platform, institution or programme.")],
    public_key: flags.PublicKeyFile = None,
    quota: Annotated[int, typer.Option(metavar="N", help="Events a second that each gateway takes of it.")] = 1_000,
    inbox: Annotated[bool, typer.Option("--inbox", help="Make its inbox, too: `dompet publishers inbox`.")] = False,
    certificate: flags.Certificate = None,
    by: flags.By = None,
) -> int:
    """Make a publisher's entry, and print its token, which is shown once.

    With --public-key its requests must be signed by the private key, and there is no token: `dompet publishers rotate`
    makes one, which a signature names in addition.
    """
    from dompet.schemas.topics import inbox_of
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.commands.publishers.inbox import made_inbox
    from dompet.streams.dead_letters.actions import acting_user
    from dompet.streams.kafka.rights import check_user
    from dompet.streams.process.tokens import now
    from dompet.streams.publishers.entries import PublisherError, new_publisher
    from dompet.streams.publishers.keys import public_key as key_of
    from dompet.streams.publishers.topic import read_publishers, write_publisher
    from dompet.streams.terminal.console import done
    from dompet.streams.terminal.output import write_whole

    if certificate is not None and not inbox:
        raise PublisherError("--certificate says who writes the inbox: give --inbox, too")
    if inbox:
        inbox_of(name)  # whether there can be one
        check_user(name, certificate)
    entry, who = new_publisher(name, kind, quota), acting_user(by)
    key = key_of(Path(public_key).read_bytes(), now()) if public_key else None
    settings = with_kafka(settings)
    if read_publishers(settings).get(name) is not None:
        raise PublisherError(f"{name} has an entry: `dompet publishers rotate` gives another token, `remove` ends it")
    if key is not None:
        write_publisher(settings, entry.with_key(who, key))
        done(f"{name} may put events in, in requests signed by its key ({key.algorithm})")
        return made_inbox(settings, name, certificate) if inbox else 0
    made, token = entry.with_token(who)
    write_publisher(settings, made)
    write_whole(f"{token}\n".encode())
    done(f"{name} may put events in; the token above is shown once, and nobody can look it up")
    return made_inbox(settings, name, certificate) if inbox else 0
