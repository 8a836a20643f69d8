"""`dompet` as it is where the pipeline is installed: all commands, by Typer."""

import sys
from typing import Annotated, Final

import typer

from dompet.streams import commands
from dompet.streams.command_line.files import HELP, app_of

_HELP: Final = """
Follows a training-subsidy programme: who paid what to whom, was it taken, who is owed what.

Events enter one Kafka log; a fold turns them into a journal, wallets and orders in ClickHouse, \
whose every rupiah can be traced back to an event.
"""
_EPILOG: Final = """
[bold]Examples[/]

  dompet demo --people 1000                     [dim]a programme, with its report[/]

  dompet up                                     [dim]Kafka and a worker[/]

  dompet publish events.jsonl                   [dim]events, one a line[/]

  dompet query "SELECT * FROM wallets LIMIT 5"  [dim]also while a worker runs[/]

[bold]Settings[/] are flags, variables (DOMPET_HOME) or lines of dompet.toml; `dompet worker --help` lists them. \
Any setting of librdkafka is one, too: DOMPET_KAFKA__SASL_USERNAME, or in the table \\[kafka].
"""


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # takes as long to load as all commands together

        sys.stdout.write(f"dompet {version('dompet')}\n")
        raise typer.Exit


def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Takes the options that come before a command."""


app: Final = app_of(
    "dompet",
    commands,
    _options,
    help=_HELP,
    epilog=_EPILOG,
    context_settings={"help_option_names": [*HELP]},
)
