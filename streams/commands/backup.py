"""`dompet backup`: a copy of the warehouse in a folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Data", 6)


@with_settings("warehouse", "home")
def backup(
    settings: "Settings",
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for the copy.")],
) -> int:
    """Copy the warehouse into a folder; workers may run meanwhile.

    The copy holds the live journal and what no rebuild could make again: statements, reconciliations, redrives. It can
    be restored into either kind of warehouse, by this release or a later one.
    """
    from dompet.streams.backup.taking import backup as run
    from dompet.streams.terminal.console import bar, done
    from dompet.streams.terminal.figures import Stopwatch, plural, speed

    watch = Stopwatch()
    with bar("copying", 0) as show:
        made = run(settings, folder.absolute(), show)
    done(
        f"{folder}: {plural(made.rows, 'row')} of {plural(len(made.tables), 'table')} {speed(made.rows, watch.seconds)}"
    )
    return 0
