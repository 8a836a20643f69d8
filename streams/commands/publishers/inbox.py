"""`dompet publishers inbox`: a publisher's way in by Kafka."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 7)


@with_settings("kafka", "home")
def inbox(
    settings: "Settings",
    name: flags.PublisherId,
    certificate: flags.Certificate = None,
    show: Annotated[bool, typer.Option("--print", help="Do nothing; print what Kafka's own tools would do.")] = False,
) -> int:
    """Make a publisher's inbox: a topic that it alone may write, and that `dompet router` puts on the log.

    On a broker with SASL/SCRAM its user gets a new password, which is printed once, and the right to write its inbox
    and to read what of it was refused. With --certificate those rights are its owner's, by the name that the broker has
    for it, and there is no password. The topics' settings are those of schemas/topics.toml.
    """
    from dompet.schemas.topics import inbox_of
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.kafka.rights import check_user, commands_for
    from dompet.streams.publishers.editing import entry_to_change
    from dompet.streams.terminal.console import out

    if show:
        check_user(name, certificate)
        for line in commands_for(inbox_of(name), settings.kafka or "HOST:PORT", certificate):
            out.print(line, soft_wrap=True, markup=False, highlight=False)
        return 0
    settings = with_kafka(settings)
    entry_to_change(settings, name)
    return made_inbox(settings, name, certificate)


def made_inbox(settings: "Settings", name: str, certificate: str | None) -> int:
    """Make it, and print the password where there is one; the exit code."""
    from dompet.schemas.topics import inbox_of
    from dompet.streams.kafka.admin import admin_client
    from dompet.streams.kafka.rights import make_inbox, new_password
    from dompet.streams.terminal.console import done, note
    from dompet.streams.terminal.output import write_whole

    made, admin = inbox_of(name), admin_client(settings)
    if not make_inbox(admin, made, certificate):
        done(f"{made.topic.name} is there")
        note("this broker has no users: everybody who reaches it can write every inbox (`dompet broker --secure`)")
    elif certificate is not None:
        done(f"{name} may write {made.topic.name}, by the certificate of {certificate}")
    else:
        write_whole(f"{new_password(admin, name)}\n".encode())
        done(f"{name} may write {made.topic.name}, as user {name}; the password above is shown once (SCRAM-SHA-512)")
    return 0
