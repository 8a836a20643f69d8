"""`dompet publish`: JSON Lines into the log, through a gateway, or into an inbox."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final, Literal

from dompet.streams.client.flags import FILE, GATEWAY, INBOX, ON_ERROR, PUBLISH_SETTINGS, TOKEN_FILE
from dompet.streams.command_line.extras import LIGHT
from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands.flags import flag

if TYPE_CHECKING:
    from dompet.streams.publish.counted import LinesPublished
    from dompet.streams.settings import Settings

PLACE: Final = ("Data", 1)


@with_settings(*PUBLISH_SETTINGS, extra=LIGHT)
def publish(
    settings: "Settings",
    file: Annotated[str, flag(FILE)],
    gateway: Annotated[str | None, flag(GATEWAY)] = None,
    token_file: Annotated[str | None, flag(TOKEN_FILE)] = None,
    inbox: Annotated[str | None, flag(INBOX)] = None,
    on_error: Annotated[Literal["stop", "skip"], flag(ON_ERROR)] = "stop",
) -> int:
    """Publish events from JSON Lines, in order per person: to the log, or as a publisher by --gateway or --inbox.

    Every event that is counted was acknowledged. A bad line is reported as file:line and what is wrong with it, and
    makes the exit code 2.
    """
    from dompet.streams.client.commands import PublishOptions
    from dompet.streams.client.commands import publish as published
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.commands.rich_screen import screen
    from dompet.streams.publish.counted import OnError

    if gateway is None:
        settings = with_kafka(settings)
    options = PublishOptions(file, gateway, token_file, inbox, OnError(on_error))
    return published(settings, options, screen(), partial(_to_log, settings))


def _to_log(settings: "Settings", lines: BinaryIO, name: str, **how: Any) -> "LinesPublished":
    """Publish straight to the log, in columns."""
    from dompet.streams.publish import Publisher
    from dompet.streams.publish.lines import publish_lines

    with Publisher(str(settings.kafka), settings.topics.log.name, settings.client_config()) as publisher:
        return publish_lines(publisher, lines, name, **how)
