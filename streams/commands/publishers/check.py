"""`dompet publishers check`: whether a publisher's token works at a gateway, or its inbox on a broker."""

from typing import TYPE_CHECKING, Annotated, Final

from dompet.streams.client.flags import (
    CHECK_SETTINGS,
    GATEWAY_CHECKED,
    GATEWAY_HERE,
    INBOX_CHECKED,
    NAME_CHECKED,
    STANDARD_INPUT,
    TOKEN_CHECKED,
)
from dompet.streams.command_line.extras import LIGHT
from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 9)


@with_settings(*CHECK_SETTINGS, extra=LIGHT)
def check(
    settings: "Settings",
    name: Annotated[str | None, flags.flag(NAME_CHECKED)] = None,
    gateway: Annotated[str, flags.flag(GATEWAY_CHECKED)] = GATEWAY_HERE,
    source: Annotated[str, flags.flag(TOKEN_CHECKED)] = STANDARD_INPUT,
    inbox: Annotated[str | None, flags.flag(INBOX_CHECKED)] = None,
) -> int:
    """Check the connection to a gateway, the log behind it, a token, and one event, which is judged and not stored.

    It needs neither Kafka nor the warehouse; exit code 1 where one of them fails. With --inbox: the connection to the
    broker, the sign-in, that the inbox is there and may be written, and the log not; nothing is written. Exit code 2
    where one of them fails.
    """
    from dompet.streams.client.commands import CheckOptions
    from dompet.streams.client.commands import check as checked
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.commands.rich_screen import screen

    if inbox is not None:
        settings = with_kafka(settings)
    return checked(settings, CheckOptions(name, gateway, source, inbox), screen())
