"""`dompet worker`, and `dompet up`, which runs a local Kafka beside it."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from dompet.schemas.errors import DompetError
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.infra.broker import LocalBroker


def worker(
    until_end: Annotated[
        bool, typer.Option("--until-end", help="Fold to the log's end as it is now, then exit.")
    ] = False,
    kafka: flags.Kafka = None,
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    log_topic: flags.LogTopic = None,
    rules: flags.Rules = None,
    group: flags.Group = None,
    web_port: flags.WebPort = None,
    stall_seconds: flags.StallSeconds = None,
    outage_seconds: flags.OutageSeconds = None,
    batch: flags.Batch = None,
    dead_share: flags.DeadShare = None,
    dead_window: flags.DeadWindow = None,
    accept_dead_until: flags.AcceptDeadUntil = None,
    sweep_seconds: flags.SweepSeconds = None,
    sweep_grace_seconds: flags.SweepGraceSeconds = None,
    config: flags.Config = None,
) -> int:
    """Fold the log into the warehouse until Ctrl-C.

    Goes on exactly where the warehouse's checkpoints say, whatever ended the last worker. Workers of one group share
    the log's partitions; the embedded warehouse takes one worker, a ClickHouse server any number. Its health is at
    http://127.0.0.1:6066/health. Waits for a server that is away for --outage-seconds; exits with 1 where one is away
    longer, where it refuses for good, and where records wait and none is stored for --stall-seconds.
    """
    from dompet.streams.commands.local_kafka import with_kafka
    from dompet.streams.kafka.admin import admin_client
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import bar, done, note
    from dompet.streams.terminal.figures import Meter, plural
    from dompet.streams.worker.run import run_worker

    settings = with_kafka(
        read_settings(
            kafka=kafka,
            warehouse=warehouse,
            home=home,
            log_topic=log_topic,
            rules=rules,
            group=group,
            web_port=web_port,
            stall_seconds=stall_seconds,
            outage_seconds=outage_seconds,
            batch=batch,
            dead_share=dead_share,
            dead_window=dead_window,
            accept_dead_until=accept_dead_until,
            sweep_seconds=sweep_seconds,
            sweep_grace_seconds=sweep_grace_seconds,
            config=config,
        )
    )
    admin_client(settings)  # Faust takes a while to load: what is wrong is said before
    if not until_end:
        note(f"folding {settings.log_topic} into {settings.warehouse_shown}; Ctrl-C stops")
        return run_worker(settings)
    meter = Meter()
    with bar("folding", 0) as show:

        def told(number: int, total: int) -> None:
            meter.read(number)
            show(number, total)

        code = run_worker(settings, until_end=True, progress=told)
    if code == 0:
        done(f"folded {plural(meter.number, 'record')}{meter}")
    return code


def up(
    warehouse: flags.Warehouse = None,
    home: flags.Home = None,
    log_topic: flags.LogTopic = None,
    rules: flags.Rules = None,
    web_port: flags.WebPort = None,
    config: flags.Config = None,
) -> int:
    """Run the local Kafka and a worker together until Ctrl-C.

    Makes the topics and tables that are missing. `dompet publish`, `dompet query` and `dompet status` find both.
    """
    from dompet.streams.commands.local_kafka import own_kafka
    from dompet.streams.commands.topics import made_topics
    from dompet.streams.settings import read_settings
    from dompet.streams.terminal.console import note
    from dompet.streams.worker.run import run_worker

    settings = read_settings(
        warehouse=warehouse, home=home, log_topic=log_topic, rules=rules, web_port=web_port, config=config
    )
    if settings.kafka:
        raise DompetError(f"the Kafka at {settings.kafka} is set, so none is to be started: use `dompet worker`")
    with own_kafka(settings) as broker, _ending_with(broker):
        settings = settings.changed(kafka=broker.bootstrap)
        made_topics(settings)
        note(f"folding {settings.log_topic} into {settings.warehouse_shown}; Ctrl-C stops both")
        return run_worker(settings)


@contextmanager
def _ending_with(broker: "LocalBroker") -> Iterator[None]:
    """End this process as a signal would where the broker ends first: a worker would wait for it forever."""
    from dompet.streams.commands.local_kafka import wait_for
    from dompet.streams.terminal.console import note

    over = threading.Event()

    def watch() -> None:
        wait_for(broker, over)
        if not over.is_set():
            note(f"Kafka ended by itself, see {broker.log}")
            os.kill(os.getpid(), signal.SIGTERM)

    watching = threading.Thread(target=watch, name="watches Kafka", daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()
