"""Arguments and flags that several commands share and that are no settings."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from dompet.streams.client.flags import NAME
from dompet.streams.command_line.flag import Flag

if TYPE_CHECKING:
    from dompet.streams.dead_letters.letters import Wanted


def flag(one: Flag) -> Any:
    """A flag or an argument that the light command line has, too."""
    if one.is_argument:
        return typer.Argument(metavar=one.metavar, help=one.help)
    return typer.Option(one.name, metavar=one.metavar or None, help=one.help)


def clickhouse_format(name: str | None) -> str | None:
    """The name of an output format as it was given; BadParameter where it is none of ClickHouse's."""
    from dompet.streams.warehouse.formats import may_be_format  # loads Arrow, which no help page needs

    if name is not None and not may_be_format(name):
        raise typer.BadParameter(f"unknown format {name!r}: ClickHouse's documentation lists its output formats")
    return name


Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        callback=clickhouse_format,
        help="Any of ClickHouse's: CSVWithNames, JSONEachRow, …",
    ),
]

Reason = Annotated[str | None, typer.Option(metavar="R", help="Only those of this reason.")]
Publisher = Annotated[str | None, typer.Option(metavar="P", help="Only those that this publisher sent.")]
Partition = Annotated[int | None, typer.Option(min=0, metavar="N", help="Only those of this partition of the log.")]
Since = Annotated[str | None, typer.Option(metavar="T", help="Recorded since T: a day, or a time with offset.")]
Until = Annotated[str | None, typer.Option(metavar="T", help="Recorded until T, a day's end included.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them, where nothing else says which.")]
By = Annotated[str | None, typer.Option(metavar="NAME", help="Who does it; this computer's user if not given.")]
PublisherId = Annotated[str, typer.Argument(metavar=NAME.metavar, help=NAME.help)]
PublicKeyFile = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Its public key in PEM: Ed25519, or RSA of 2,048 bits or more."),
]
Certificate = Annotated[
    str | None,
    typer.Option(metavar="CN=…", help="The inbox is written by this certificate's owner, and no password is made."),
]
Secure = Annotated[
    bool, typer.Option("--secure", help="Close the local Kafka to all but its users; it stays so from then on.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Publish nothing; show what would be.")]
Force = Annotated[bool, typer.Option("--force", help="Also what was redriven or discarded before.")]
WithLater = Annotated[
    bool,
    typer.Option(help="Also what was rejected later, of the same person, because of it."),
]
Places = Annotated[
    list[str] | None, typer.Argument(metavar="[PARTITION:OFFSET]...", help="Letters by their place in the log.")
]


def wanted_of(
    reason: str | None,
    publisher: str | None,
    partition: int | None,
    since: str | None,
    until: str | None,
    status: str | None = None,
) -> "Wanted":
    """The dead letters that the filters mean. Raises DompetError where one is no moment."""
    from dompet.streams.dead_letters.letters import Wanted
    from dompet.streams.parsing.moments import since_us, until_us

    sender = "" if publisher == "unknown" else publisher
    return Wanted(reason, sender, partition, since_us("--since", since), until_us("--until", until), status)
