"""`dompet worker`: the fold of the log into the warehouse."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Run", 4)


@with_settings(
    "kafka",
    "warehouse",
    "home",
    "log_topic",
    "rules",
    "group",
    "accept_topic_settings",
    "web_port",
    "worker_metrics_port",
    "stall_seconds",
    "outage_seconds",
    "progress_seconds",
    "batch",
    "batch_bytes",
    "dead_share",
    "dead_window",
    "accept_dead_until",
    "sweep_seconds",
    "sweep_grace_seconds",
    "engine_port",
    "engine_metrics_port",
    "log_format",
)
def worker(
    settings: "Settings",
    until_end: Annotated[
        bool, typer.Option("--until-end", help="Fold to the log's end as it is now, then exit.")
    ] = False,
    move_group: Annotated[
        bool,
        typer.Option("--move-group", help="Let the group feed this warehouse, which fed another."),
    ] = False,
) -> int:
    """Fold the log into the warehouse until Ctrl-C.

    Goes on exactly where the warehouse's checkpoints say, whatever ended the last worker. Workers of one group, any
    number of them, share the log's partitions. The embedded warehouse's engine is started where none runs, and ends
    with the worker that started it. A worker's health is at http://127.0.0.1:6066/health, its figures for Prometheus at
    http://127.0.0.1:9464/metrics. It waits for a server or
    engine that is away for --outage-seconds; it exits with 1 where one is away longer, where one refuses for good, and
    where records wait and none is stored for --stall-seconds.
    """
    from dompet.streams.commands.local_engine import engine_of
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.commands.local_ports import need_free
    from dompet.streams.kafka.admin import admin_client
    from dompet.streams.terminal.console import note
    from dompet.streams.worker.run import load_worker, run_worker

    need_free(settings.web_port, "--web-port")
    settings = with_kafka(settings)
    admin_client(settings)  # what is wrong is said before anything is loaded
    with engine_of(settings, meanwhile=load_worker):
        if not until_end:
            note(f"folding {settings.log_topic} into {settings.warehouse_shown}; Ctrl-C stops")
            return run_worker(settings, group_moved=move_group)
        return _folded(settings, move_group)


def _folded(settings: "Settings", move_group: bool) -> int:
    """Fold to the log's end as it is now; the exit code."""
    from dompet.streams.terminal.console import done
    from dompet.streams.terminal.figures import plural
    from dompet.streams.terminal.metering import metered_bar
    from dompet.streams.worker.run import run_worker

    with metered_bar("folding") as (meter, progress):
        code = run_worker(settings, until_end=True, group_moved=move_group, progress=progress)
    if code == 0:
        done(f"folded {plural(meter.number, 'record')}{meter}")
    return code
