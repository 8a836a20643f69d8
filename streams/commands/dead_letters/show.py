"""`dompet dead-letters show`: one dead letter and its bytes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 2)


@with_settings("warehouse", "home", "log_topic")
def show(
    settings: "Settings",
    place: Annotated[str, typer.Argument(metavar="PARTITION:OFFSET", help="Where the record is in the log.")],
    save: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the value's bytes, as they are.")] = None,
    personal: Annotated[
        bool, typer.Option("--personal", help="Show national id numbers, too, which are masked otherwise.")
    ] = False,
) -> int:
    """Show one dead letter: where it is from, what is wrong with it, and its bytes.

    Also what of the same person was rejected later, and what was done about it. Naming a letter is asking for its
    bytes; what has the form of a national id number stays masked.
    """
    from dompet.streams.parsing.places import read_place
    from dompet.streams.redrive.shown import show_letter
    from dompet.streams.warehouse.client import warehouse_client

    at = read_place(place)
    with warehouse_client(settings) as opened:
        show_letter(opened, settings.topics.log.name, at, save, personal=personal)
    return 0
