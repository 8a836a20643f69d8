"""The demonstration: a programme published, folded and reported, each step from where an earlier run was cut."""

import logging
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from confluent_kafka.admin import AdminClient
from rich.text import Text

from dompet.streams.answers.status import lag
from dompet.streams.demo.filling import filled
from dompet.streams.demo.marker import Marker
from dompet.streams.demo.report.next_steps import print_next_steps
from dompet.streams.demo.report.report import Report
from dompet.streams.demo.report.report_page import print_report
from dompet.streams.kafka.admin import admin_client
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import done, note, out, working
from dompet.streams.terminal.figures import count, plural
from dompet.streams.terminal.metering import metered_bar
from dompet.streams.warehouse import open_warehouse
from dompet.streams.warehouse.migrate import migrate
from dompet.streams.worker.run import run_worker


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
    marker = filled(settings, admin, people, seed)
    code = _fold(settings, admin, marker)
    if code:
        return code
    with working("asking the warehouse"), closing(open_warehouse(settings.warehouse)) as warehouse:
        found = Report.of(warehouse)
    out.print()
    print_report(out, found)
    _print_speed(Marker.read(settings.home, marker.cluster_id, marker.topic) or marker)
    print_next_steps(out, found.busiest, flags)
    return int(not found.is_sound)


def _migrate(settings: Settings) -> None:
    with working("opening the warehouse"), closing(open_warehouse(settings.warehouse)) as warehouse:
        migrated = migrate(warehouse)
        version = warehouse.version()
    done(f"warehouse {settings.warehouse_shown}: {version}, {migrated}")


def _fold(settings: Settings, admin: AdminClient, marker: Marker) -> int:
    """Fold what the journal lacks; the worker's exit code."""
    missing = _lag(settings, admin)
    if not missing:
        done("already folded to the log's end")
        return 0
    with metered_bar("folding", missing) as (meter, progress):
        code = run_worker(settings, until_end=True, progress=progress)
    if code:
        return code
    if _lag(settings, admin):
        raise KeyboardInterrupt
    done(f"folded {plural(missing, 'event')}{meter}")
    if missing == marker.events:
        replace(marker, folded_per_s=meter.per_second).write(settings.home)
    return 0


def _lag(settings: Settings, admin: AdminClient) -> int:
    with closing(open_warehouse(settings.warehouse)) as warehouse:
        return lag(settings, admin, warehouse)


def _print_speed(marker: Marker) -> None:
    rates = {"published": marker.published_per_s, "folded": marker.folded_per_s}
    sentence = ", ".join(f"{verb} {count(rate)} events a second" for verb, rate in rates.items() if rate)
    if sentence:
        out.print(Text.assemble(("\nSpeed", "bold"), f"  {sentence}, on this machine"))
