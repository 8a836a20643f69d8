"""The demonstration: a programme published, folded and reported, each step from where an earlier run was cut."""

import logging
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any, Final

from confluent_kafka.admin import AdminClient
from rich.text import Text

from dompet.streams.console import Stopwatch, bar, done, note, out, plural, speed, working
from dompet.streams.demo.filling import filled
from dompet.streams.demo.report import Report
from dompet.streams.demo.report_page import print_report
from dompet.streams.kafka_admin import admin_client
from dompet.streams.settings import Settings
from dompet.streams.status import lag
from dompet.streams.topics import ensure_topics
from dompet.streams.warehouse import open_warehouse
from dompet.streams.warehouse.migrate import migrate
from dompet.streams.worker import run_worker

NEXT: Final = (
    "SELECT state, count(), sum(price) FROM orders GROUP BY state",
    "SELECT arrayJoin(flags) AS flag, count() FROM orders GROUP BY flag",
    "SELECT occurred_at, type, outcome, reason, balance_after FROM journal"
    " WHERE beneficiary_id = '{busiest}' ORDER BY offset",
)
"""What to ask next; the last one is the longest history of a person."""


def run_demo(settings: Settings, people: int, seed: int, flags: Mapping[str, Any]) -> int:
    """Publish, fold, report; the exit code. `flags` are those that were given: what is to be tried next needs them.

    Raises DompetError where a server is away or holds other data, KeyboardInterrupt where the fold was stopped.
    """
    logging.disable(logging.INFO)  # the worker's own log lines would cut through its bar
    admin = admin_client(settings)
    for report in ensure_topics(admin, settings.topics):
        for difference in report.differences:
            note(difference)
    _migrate(settings)
    filled(settings, admin, people, seed)
    code = _fold(settings, admin)
    if code:
        return code
    with working("asking the warehouse"):
        found = _report(settings)
    out.print()
    print_report(out, found)
    _print_next(found, flags)
    return int(not all(wave.adds_up and wave.agrees for wave in found.waves))


def _migrate(settings: Settings) -> None:
    with working("opening the warehouse"):
        warehouse = open_warehouse(settings.warehouse)
        try:
            applied = migrate(warehouse)
            version = warehouse.version()
        finally:
            warehouse.close()
    made = f"{plural(len(applied), 'migration')} applied" if applied else "up to date"
    done(f"warehouse {settings.warehouse_shown}: {version}, {made}")


def _fold(settings: Settings, admin: AdminClient) -> int:
    """Fold what the journal lacks; the worker's exit code."""
    missing = _lag(settings, admin)
    if not missing:
        done("already folded to the log's end")
        return 0
    folded, clock = 0, Stopwatch()
    began: float | None = None
    ended = 0.0
    with bar("folding", missing) as show:

        def told(number: int, total: int) -> None:
            nonlocal folded, began, ended
            began = clock.seconds if began is None else began
            if number != folded:
                folded, ended = number, clock.seconds
            show(number, total)

        code = run_worker(settings, until_end=True, progress=told)
    if code:
        return code
    if _lag(settings, admin):
        raise KeyboardInterrupt
    done(f"folded {plural(folded, 'event')} {speed(folded, ended - (began or 0.0))}")
    return 0


def _lag(settings: Settings, admin: AdminClient) -> int:
    warehouse = open_warehouse(settings.warehouse)
    try:
        return lag(settings, admin, warehouse)
    finally:
        warehouse.close()


def _report(settings: Settings) -> Report:
    warehouse = open_warehouse(settings.warehouse)
    try:
        return Report.of(warehouse)
    finally:
        warehouse.close()


def _print_next(report: Report, flags: Mapping[str, Any]) -> None:
    out.print(Text("What to ask next", "bold"))
    given = {name: value for name, value in flags.items() if name in ("config", "home", "warehouse") and value}
    if "@" in str(given.get("warehouse", "")):
        out.print("  (with the --warehouse of this run, whose password is not shown)")
        del given["warehouse"]
    words = "".join(f" --{name} {quote(str(value))}" for name, value in given.items())
    for sql in NEXT:
        out.print(Text(f'  {program()} query{words} "{sql.format(busiest=report.busiest)}"'), soft_wrap=True)


def program() -> str:
    """How to call dompet again from here: by its name if a shell finds this very one, else by its path."""
    script = Path(sys.executable).with_name("dompet")
    found = shutil.which("dompet")
    if found and Path(found).samefile(script):
        return "dompet"
    if script.is_file():
        return quote(os.path.relpath(script) if script.is_relative_to(Path.cwd()) else str(script))
    return f"{quote(sys.executable)} -m dompet.streams.cli"
