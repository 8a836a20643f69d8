"""What the light commands take, declared once for both command lines."""

from typing import Final

from dompet.streams.command_line.flag import Flag
from dompet.streams.publish.counted import OnError

GATEWAY_HERE: Final = "http://127.0.0.1:8090"
STANDARD_INPUT: Final = "-"

FILE: Final = Flag("FILE", "FILE", "JSON Lines, an event a line; - reads standard input.")
GATEWAY: Final = Flag("--gateway", "URL", f"Publish through this gateway, such as {GATEWAY_HERE}.")
TOKEN_FILE: Final = Flag("--token-file", "FILE", "The file with the token for the gateway; - reads standard input.")
INBOX: Final = Flag("--inbox", "PUBLISHER", "Publish into this publisher's inbox, on --kafka.")
ON_ERROR: Final = Flag(
    "--on-error",
    "",
    "At a line that is no event: stop there, or leave it out.",
    default=str(OnError.STOP),
    choices=tuple(map(str, OnError)),
)
NAME: Final = Flag("NAME", "NAME", "The publisher_id of its events.")
NAME_CHECKED: Final = Flag(
    "NAME", "[NAME]", "The publisher_id of its events, whose token is checked at a gateway.", is_optional=True
)
GATEWAY_CHECKED: Final = Flag("--gateway", "URL", "Where the gateway is.", default=GATEWAY_HERE)
TOKEN_CHECKED: Final = Flag(
    "--token-file", "FILE", "The file with the token; - reads standard input.", default=STANDARD_INPUT
)
INBOX_CHECKED: Final = Flag("--inbox", "PUBLISHER", "Check this publisher's inbox on --kafka, and no gateway.")
PUBLISH: Final = (FILE, GATEWAY, TOKEN_FILE, INBOX, ON_ERROR)
CHECK: Final = (NAME_CHECKED, GATEWAY_CHECKED, TOKEN_CHECKED, INBOX_CHECKED)
PUBLISH_SETTINGS: Final = ("kafka", "log_topic", "home")
CHECK_SETTINGS: Final = ("kafka", "log_topic", "home")
