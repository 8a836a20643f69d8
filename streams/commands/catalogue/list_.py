"""`dompet catalogue list`: what the catalogue lists."""

from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands.flags import clickhouse_format

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Commands", 2)


@with_settings("kafka", "home")
def list_(
    settings: "Settings",
    kind: Annotated[
        Literal["platforms", "institutions", "courses"] | None,
        typer.Option(help="Only these, with all that is listed of each."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="T", help="Only what was in force at T: a day, or a time with offset."),
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            callback=clickhouse_format,
            help="Any of ClickHouse's, as for `dompet query`.",
        ),
    ] = "PrettyCompact",
) -> int:
    """Show what is listed, from the catalogue's topic.

    No worker and no warehouse are needed. Without --as-of every listing is shown, past and future ones too; a day
    means its end in Asia/Jakarta. The warehouse has the same as platforms, institutions and courses.
    """
    from dompet.streams.catalogue.listing import in_force, rendered
    from dompet.streams.catalogue.topic import read_catalogue
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.kafka.admin import admin_client
    from dompet.streams.parsing.moments import until_us
    from dompet.streams.terminal.console import note
    from dompet.streams.terminal.output import write_whole

    moment = until_us("--as-of", as_of)
    settings = with_kafka(settings)
    admin_client(settings)  # what is wrong with the broker is said before it is waited for
    listings = read_catalogue(settings.kafka_settings(), settings.topics.catalogue.name)
    found = listings if moment is None else in_force(listings, moment)
    write_whole(rendered(found, kind, form))
    if not found:
        note(f"topic {settings.topics.catalogue.name} lists nothing{' at that moment' if listings else ' yet'}")
    return 0
