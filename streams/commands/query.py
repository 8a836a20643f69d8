"""`dompet query`, `dompet status` and `dompet migrate`: the warehouse, also while a worker holds it."""

import json
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings
    from dompet.streams.warehouse import Warehouse


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="What to ask; - reads it from standard input.")],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="Any of ClickHouse's: PrettyCompact, Vertical, CSVWithNames, TSV, JSON, JSONEachRow, Markdown, …",
        ),
    ] = "PrettyCompact",
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    config: flags.Config = None,
) -> int:
    """Ask the warehouse, read-only, in ClickHouse's SQL.

    What is there: journal, wallets, orders, rejections, dead_letters, checkpoints, and the views of docs/answers.md,
    docs/settlement.md and docs/catalogue.md. Works also while a worker holds the embedded warehouse: that worker
    answers then.
    """
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import write_whole

    asked = sys.stdin.read() if sql == "-" else sql
    settings = read_settings(warehouse=warehouse, home=home, config=config)
    body = {"sql": asked, "format": form}
    content = _asked(settings, lambda opened: opened.answer(asked, form), "/query", body)
    write_whole(content)
    if content and not content.endswith(b"\n") and sys.stdout.isatty():
        write_whole(b"\n")
    return 0


def status(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")] = False,
    kafka: flags.Kafka = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    log_topic: flags.LogTopic = None,
    config: flags.Config = None,
) -> int:
    """Show how far the warehouse is behind the log, what it holds, and the versions.

    Of each partition: where the log ends, the checkpoint up to which the journal is whole, and the lag in records.
    """
    from dompet.streams.answers.status import status as status_of
    from dompet.streams.answers.status_page import status_page
    from dompet.streams.commands.local_kafka import named_version, running_on
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import out

    settings = read_settings(kafka=kafka, warehouse=warehouse, home=home, log_topic=log_topic, config=config)
    settings = settings.changed(kafka=settings.kafka or running_on(settings))
    content = _asked(settings, lambda opened: json.dumps(status_of(settings, opened)).encode(), "/status", {})
    found: dict[str, Any] = json.loads(content)
    found["kafka"]["version"] = found["kafka"].get("version") or named_version(settings, found["kafka"])
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        out.print(status_page(found))
    return 0


def migrate(warehouse: flags.Warehouse = None, home: flags.Home = None, config: flags.Config = None) -> int:
    """Make or update the warehouse's tables and views.

    A worker does the same when it starts.
    """
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import done
    from dompet.streams.warehouse import open_warehouse
    from dompet.streams.warehouse.migrate import migrate as migrate_it

    settings = read_settings(warehouse=warehouse, home=home, config=config)
    with closing(open_warehouse(settings.warehouse)) as opened:
        migrated = migrate_it(opened)
    for migration in migrated.applied:
        done(f"{migration.number:04d} {migration.name.replace('_', ' ')}")
    changed = migrated.applied or migrated.views
    done(f"{settings.warehouse_shown}: {migrated}" if changed else str(migrated))
    return 0


def _asked(settings: "Settings", ask: "Callable[[Warehouse], bytes]", path: str, body: dict[str, Any]) -> bytes:
    """What the warehouse answers, or the worker that holds it."""
    from dompet.streams.warehouse.client import at_hand
    from dompet.streams.warehouse.holder import ask as ask_holder

    with at_hand(settings) as place:
        return ask_holder(place, path, body) if isinstance(place, Path) else ask(place)
