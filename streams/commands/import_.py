"""`dompet import`: a platform's export into the log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Data", 2)


@with_settings("kafka", "log_topic", "home", "rules")
def import_(
    settings: "Settings",
    mapping: Annotated[Path, typer.Argument(metavar="MAPPING.toml", help="What the rows are, and what they become.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="CSV, .xlsx, or Parquet (*.parquet, *.pq).")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Publish nothing; show the first events and every bad row.")
    ] = False,
    on_error: Annotated[
        Literal["stop", "skip"], typer.Option(help="At a row that does not map: stop, or leave it out.")
    ] = "stop",
) -> int:
    """Publish a platform's export, as a mapping says what its rows are.

    All rows are mapped before the first event is published, and events go to the log in the order of their times. A
    row that does not map is reported as file:line and why, and makes the exit code 2. Started again, a run that was cut
    goes on where it was. The same row gives the same ids: what was accepted is a duplicate the second time, and what
    was rejected is decided again. Where the rules (--rules) would reject all of it, that is said.
    """
    from dompet.schemas.rules import read_rules
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.importer import run
    from dompet.streams.importer.exports import export_of
    from dompet.streams.importer.mapping import salt_of
    from dompet.streams.importer.reading import read_mapping

    file = read_mapping(mapping)
    job = run.Import(file, export_of(file, files), salt_of(file), read_rules(settings.rules))
    if dry_run:
        return run.dry_run(job)
    return run.run_import(with_kafka(settings), job, stop=on_error == "stop")
