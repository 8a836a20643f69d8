"""`dompet status`: how far the warehouse is, and what it holds."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Start here", 3)


@with_settings("kafka", "warehouse", "home", "log_topic")
def status(
    settings: "Settings",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")] = False,
) -> int:
    """Show how far the warehouse is behind the log, what it holds, and the versions.

    Of each partition: where the log ends, the checkpoint up to which the journal is whole, and the lag in records.
    """
    from dompet.streams.answers.status import status as status_of
    from dompet.streams.answers.status_page import status_page
    from dompet.streams.commands.local_kafka import named_version, running_on
    from dompet.streams.terminal.console import out
    from dompet.streams.warehouse.client import opened_warehouse

    settings = settings.changed(kafka=settings.kafka or running_on(settings))
    with opened_warehouse(settings) as warehouse:
        found = status_of(settings, warehouse)
    found["kafka"]["version"] = found["kafka"].get("version") or named_version(settings, found["kafka"])
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        out.print(status_page(found))
    return 0
