"""`dompet catalogue load`: listings of a file into the catalogue."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 1)


@with_settings("kafka", "home")
def load(
    settings: "Settings",
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML or CSV; its name ends in .toml or .csv.")],
) -> int:
    """Publish the listings of a file to the catalogue.

    Every entry is checked before any is sent; what is counted was acknowledged by the broker. A listing that is there
    already is replaced by one of the same id and valid_from, and by no other. Workers take it up at once.
    """
    from dompet.streams.catalogue.files import read_listings
    from dompet.streams.catalogue.publishing import publish_listings
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.terminal.console import done
    from dompet.streams.terminal.figures import plural

    listings = read_listings(file)
    settings = with_kafka(settings)
    publish_listings(settings, listings)
    done(f"catalogue: {plural(len(listings), 'listing')} published to {settings.topics.catalogue.name}")
    return 0
