"""`dompet restore`: a warehouse filled from a copy."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Data", 7)


@with_settings("warehouse", "home")
def restore(
    settings: "Settings",
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `dompet backup` made.")],
) -> int:
    """Fill an empty warehouse from a copy that `dompet backup` made.

    Every file is compared with its checksum first. Start the worker afterwards: it goes on where the copy ends. Cut
    short, it is done again from its start.
    """
    from dompet.streams.backup.restoring import restore as run
    from dompet.streams.terminal.console import bar, done, note
    from dompet.streams.terminal.figures import Stopwatch, plural, speed

    watch = Stopwatch()
    with bar("restoring", 0) as show:
        made = run(settings, folder.absolute(), show)
    done(f"{settings.warehouse_shown}: {plural(made.rows, 'row')} {speed(made.rows, watch.seconds)}")
    note(f"this is the warehouse of {made.made_at}: a worker folds what the log has had since")
    return 0
