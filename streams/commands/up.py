"""`dompet up`: a local Kafka, the engine, a worker, the pages and a router, together."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dompet.schemas.errors import DompetError
from dompet.streams.command_line.extras import WEB
from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands.flags import Secure

if TYPE_CHECKING:
    from dompet.infra.broker import LocalBroker
    from dompet.streams.settings import Settings

PLACE: Final = ("Run", 1)


@with_settings(
    "warehouse",
    "home",
    "log_topic",
    "rules",
    "web_port",
    "engine_port",
    "serve_port",
    "worker_metrics_port",
    "engine_metrics_port",
    "serve_metrics_port",
    "router_metrics_port",
    "log_format",
    extra=WEB,
)
def up(
    settings: "Settings",
    secure: Secure = False,
) -> int:
    """Run the local Kafka, the warehouse's engine, a worker, the pages and a router together until Ctrl-C.

    Makes the topics and tables that are missing. `dompet publish`, `dompet query` and `dompet status` find all of it.
    """
    from dompet.infra.errors import BrokerError
    from dompet.streams.commands.local_engine import engine_of
    from dompet.streams.commands.local_kafka import own_kafka
    from dompet.streams.commands.local_pages import pages_of
    from dompet.streams.commands.local_ports import need_free
    from dompet.streams.commands.local_router import router_of
    from dompet.streams.commands.topics import made_topics
    from dompet.streams.terminal.console import note
    from dompet.streams.worker.run import load_worker, run_worker

    if settings.kafka:
        raise DompetError(f"the Kafka at {settings.kafka} is set, so none is to be started: use `dompet worker`")
    need_free(settings.web_port, "--web-port")
    with own_kafka(settings, secure=secure) as broker, _ending_with(broker) as ended:
        settings = settings.changed(kafka=broker.bootstrap)
        made_topics(settings)
        with engine_of(settings, meanwhile=load_worker), pages_of(settings), router_of(settings):
            note(f"folding {settings.log_topic} into {settings.warehouse_shown}; Ctrl-C stops all")
            try:
                return run_worker(settings)
            finally:
                if ended.is_set():
                    raise BrokerError(f"Kafka ended by itself, see {broker.log}")


@contextmanager
def _ending_with(broker: "LocalBroker") -> Iterator[threading.Event]:
    """Stop this process's worker where the broker ends first, for which it would wait forever; set then."""
    from dompet.streams.commands.local_kafka import wait_for

    over, ended = threading.Event(), threading.Event()

    def watch() -> None:
        wait_for(broker, over)
        if not over.is_set():
            ended.set()
            os.kill(os.getpid(), signal.SIGTERM)

    watching = threading.Thread(target=watch, name="watches Kafka", daemon=True)
    watching.start()
    try:
        yield ended
    finally:
        over.set()
        watching.join()
