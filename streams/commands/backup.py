"""`dompet backup` and `dompet restore`: copies of the warehouse in a folder."""

from pathlib import Path
from typing import Annotated

import typer

from dompet.streams.commands import flags


def backup(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for the copy.")],
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    config: flags.Config = None,
) -> int:
    """Copy the warehouse into a folder; workers may run meanwhile.

    The copy holds the live journal and what no rebuild could make again: statements, reconciliations, redrives. It can
    be restored into either kind of warehouse, by this release or a later one.
    """
    from dompet.streams.backup.taking import backup as run
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import bar, done
    from dompet.streams.terminal.figures import Stopwatch, plural, speed

    settings = read_settings(warehouse=warehouse, home=home, config=config)
    watch = Stopwatch()
    with bar("copying", 0) as show:
        made = run(settings, folder.absolute(), show)
    done(
        f"{folder}: {plural(made.rows, 'row')} of {plural(len(made.tables), 'table')} {speed(made.rows, watch.seconds)}"
    )
    return 0


def restore(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `dompet backup` made.")],
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    config: flags.Config = None,
) -> int:
    """Fill an empty warehouse from a copy that `dompet backup` made.

    Every file is held against its checksum first. Start the worker afterwards: it goes on where the copy ends. Cut
    short, it is done again from its start.
    """
    from dompet.streams.backup.restoring import restore as run
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import bar, done, note
    from dompet.streams.terminal.figures import Stopwatch, plural, speed

    settings = read_settings(warehouse=warehouse, home=home, config=config)
    watch = Stopwatch()
    with bar("restoring", 0) as show:
        made = run(settings, folder.absolute(), show)
    done(f"{settings.warehouse_shown}: {plural(made.rows, 'row')} {speed(made.rows, watch.seconds)}")
    note(f"this is the warehouse of {made.made_at}: a worker folds what the log has had since")
    return 0
