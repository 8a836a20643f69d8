"""`dompet catalogue load` and `dompet catalogue list`: platforms, institutions and courses, as they are listed."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from dompet.schemas.errors import DompetError
from dompet.streams.commands import flags


def load(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML or CSV; its name ends in .toml or .csv.")],
    kafka: flags.Kafka = None,
    home: flags.Home = None,
    config: flags.Config = None,
) -> int:
    """Publish the listings of a file to the catalogue.

    Every entry is checked before any is sent; what is counted was acknowledged by the broker. A listing that is there
    already is replaced by one of the same id and valid_from, and by no other. Workers take it up at once.
    """
    from dompet.streams.catalogue.files import read_listings
    from dompet.streams.catalogue.publishing import publish_listings
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import done
    from dompet.streams.terminal.figures import plural

    listings = read_listings(file)
    settings = with_kafka(read_settings(kafka=kafka, home=home, config=config))
    publish_listings(settings, listings)
    done(f"catalogue: {plural(len(listings), 'listing')} published to {settings.topics.catalogue.name}")
    return 0


def list_(
    kind: Annotated[
        Literal["platforms", "institutions", "courses"] | None,
        typer.Option(help="Only these, with all that is listed of each."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Only what was in force then: 2020-06-01T09:00:00+07:00, or a day."),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="Any of ClickHouse's, as for `dompet query`.")
    ] = "PrettyCompact",
    kafka: flags.Kafka = None,
    home: flags.Home = None,
    config: flags.Config = None,
) -> int:
    """Show what is listed, from the catalogue's topic.

    No worker and no warehouse are needed. Without --as-of every listing is shown, past and future ones too; a day
    stands for its first instant in Asia/Jakarta. The warehouse has the same as platforms, institutions and courses.
    """
    from dompet.streams.catalogue.listing import in_force, rendered
    from dompet.streams.catalogue.topic import read_catalogue
    from dompet.streams.catalogue.values import moment_us
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.kafka.admin import admin_client
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import write_whole

    try:
        moment = None if as_of is None else moment_us(as_of)
    except ValueError as error:
        raise DompetError(f"--as-of {as_of!r} {error}") from None
    settings = with_kafka(read_settings(kafka=kafka, home=home, config=config))
    admin_client(settings)  # what is wrong with the broker is said before it is waited for
    listings = read_catalogue(settings.kafka_settings(), settings.topics.catalogue.name)
    write_whole(rendered(listings if moment is None else in_force(listings, moment), kind, form))
    return 0
