"""`dompet publishers check`: whether a publisher's token works at a gateway."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 9)


@with_settings("home")
def check(
    settings: "Settings",
    name: flags.PublisherId,
    gateway: Annotated[str, typer.Option(metavar="URL", help="Where the gateway is.")] = "http://127.0.0.1:8090",
    source: Annotated[
        str, typer.Option("--token-file", metavar="FILE", help="The file with the token; - reads standard input.")
    ] = "-",
) -> int:
    """Check the connection to a gateway, the log behind it, a token, and one event, which is judged and not stored.

    Exit code 1 where one of them fails. It needs neither Kafka nor the warehouse.
    """
    from dompet.streams.publishers.checking import Gateway, checked
    from dompet.streams.terminal.console import done, err, note

    if source == "-" and sys.stdin.isatty():
        note("the token, then Enter:")
    text = sys.stdin.readline() if source == "-" else Path(source).read_text("utf-8")
    last = None
    for last in checked(Gateway(gateway, text.strip()), name):
        if last.problem:
            err.print(f"{last.step}: {last.problem}", soft_wrap=True, markup=False)
        else:
            done(f"{last.step}: {last.said}")
    return 1 if last is None or last.problem else 0
