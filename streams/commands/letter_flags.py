"""The filters that commands about failed records share."""

from typing import Annotated

import typer

Reason = Annotated[str | None, typer.Option(metavar="R", help="Only those of this reason.")]
Publisher = Annotated[str | None, typer.Option(metavar="P", help="Only those that this publisher sent.")]
Partition = Annotated[int | None, typer.Option(min=0, metavar="N", help="Only those of this partition of the log.")]
Since = Annotated[str | None, typer.Option(metavar="T", help="Recorded since T: a day, or a time with offset.")]
Until = Annotated[str | None, typer.Option(metavar="T", help="Recorded until T, a day's end included.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them, where nothing else says which.")]
By = Annotated[str | None, typer.Option(metavar="NAME", help="Who does it; this computer's user if not given.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Publish nothing; show what would be.")]
Force = Annotated[bool, typer.Option("--force", help="Also what was redriven or discarded before.")]
WithLater = Annotated[
    bool,
    typer.Option(help="Also what was rejected later, of the same person, because of it."),
]
