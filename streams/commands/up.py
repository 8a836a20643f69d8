"""`dompet up`: a local Kafka and a worker beside it."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dompet.schemas.errors import DompetError
from dompet.streams.command_line.taking import with_settings

if TYPE_CHECKING:
    from dompet.infra.broker import LocalBroker
    from dompet.streams.settings import Settings

PLACE: Final = ("Run", 1)


@with_settings("warehouse", "home", "log_topic", "rules", "web_port")
def up(
    settings: "Settings",
) -> int:
    """Run the local Kafka and a worker together until Ctrl-C.

    Makes the topics and tables that are missing. `dompet publish`, `dompet query` and `dompet status` find both.
    """
    from dompet.streams.commands.local_kafka import own_kafka
    from dompet.streams.commands.topics import made_topics
    from dompet.streams.terminal.console import note
    from dompet.streams.worker.run import run_worker

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
