"""`dompet query`: the warehouse, asked in SQL."""

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands.flags import clickhouse_format

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Start here", 2)


@with_settings("warehouse", "home")
def query(
    settings: "Settings",
    sql: Annotated[str, typer.Argument(metavar="SQL", help="What to ask; - reads it from standard input.")],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            callback=clickhouse_format,
            help="Any of ClickHouse's: PrettyCompact, Vertical, CSVWithNames, TSV, JSON, JSONEachRow, Markdown, …",
        ),
    ] = "PrettyCompact",
) -> int:
    """Ask the warehouse, read-only, in ClickHouse's SQL.

    What is there: journal, wallets, orders, rejections, dead_letters, checkpoints, and the views of docs/answers.md,
    docs/settlement.md and docs/catalogue.md. Works also while workers fold. Where an engine runs, the limits of its
    guests hold (docs/engine.md).
    """
    from dompet.streams.terminal.output import write_whole
    from dompet.streams.warehouse.client import opened_warehouse
    from dompet.streams.warehouse.waiting import waiting_reported

    asked = sys.stdin.read() if sql == "-" else sql
    with opened_warehouse(settings) as warehouse, waiting_reported(settings):
        content = warehouse.answer(asked, form)
    write_whole(content)
    if content and not content.endswith(b"\n") and sys.stdout.isatty():
        write_whole(b"\n")
    return 0
