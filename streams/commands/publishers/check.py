"""`dompet publishers check`: whether a publisher's token works at a gateway."""

from typing import TYPE_CHECKING, Annotated, Final

from dompet.streams.client.flags import CHECK_SETTINGS, GATEWAY_CHECKED, GATEWAY_HERE, STANDARD_INPUT, TOKEN_CHECKED
from dompet.streams.command_line.extras import LIGHT
from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 9)


@with_settings(*CHECK_SETTINGS, extra=LIGHT)
def check(
    settings: "Settings",
    name: flags.PublisherId,
    gateway: Annotated[str, flags.flag(GATEWAY_CHECKED)] = GATEWAY_HERE,
    source: Annotated[str, flags.flag(TOKEN_CHECKED)] = STANDARD_INPUT,
) -> int:
    """Check the connection to a gateway, the log behind it, a token, and one event, which is judged and not stored.

    Exit code 1 where one of them fails. It needs neither Kafka nor the warehouse.
    """
    from dompet.streams.client.commands import check as checked
    from dompet.streams.commands.rich_screen import screen

    return checked(name, gateway, source, screen())
