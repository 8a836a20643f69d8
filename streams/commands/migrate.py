"""`dompet migrate`: the warehouse's tables and views."""

from contextlib import closing
from typing import TYPE_CHECKING, Final

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Data", 4)


@with_settings("warehouse", "home")
def migrate(settings: "Settings") -> int:
    """Make or update the warehouse's tables and views.

    A worker does the same when it starts.
    """
    from dompet.streams.terminal.console import done
    from dompet.streams.warehouse import open_warehouse
    from dompet.streams.warehouse.migrate import migrate as migrate_it

    with closing(open_warehouse(settings.warehouse)) as opened:
        migrated = migrate_it(opened)
    for migration in migrated.applied:
        done(f"{migration.number:04d} {migration.name.replace('_', ' ')}")
    changed = migrated.applied or migrated.views
    done(f"{settings.warehouse_shown}: {migrated}" if changed else str(migrated))
    return 0
