"""One run of dompet: a worker, as `dompet worker --until-end` runs it, timed; then what its warehouse holds.

The clock starts when the partitions are assigned, before anything is fetched, and ends when the last checkpoint is
stored. Run it as `python -m tests.bench.run_dompet --help`.
"""

# ruff: noqa: E402  (as the command line does, before what is imported starts threads)
from dompet.streams.process.memory import prepare_process

prepare_process()

import argparse
import json
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from confluent_kafka.admin import AdminClient

from dompet.infra.ports import free_port
from dompet.streams.commands.local_engine import engine_of
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.pipeline.projector import Projector
from dompet.streams.settings import Settings, read_settings
from dompet.streams.warehouse import open_warehouse
from dompet.streams.warehouse.holder import holder_of
from dompet.streams.worker.run import load_worker, run_worker
from tests.bench.processes import age_s, peak_bytes
from tests.support.warehouses import rows_of

_COUNTS = "SELECT count() AS events, {} FROM journal".format(
    ", ".join(f"sum(outcome = '{outcome}') AS {outcome}" for outcome in ("accepted", "duplicate", "rejected", "dead"))
)
_SUMS = "SELECT count() AS wallets, {} FROM wallets".format(
    ", ".join(
        f"sum({name}) AS sum_{name}"
        for name in ("credited", "spent", "refunded", "returned", "balance", "purchases", "open_orders")
    )
)
_WALLETS = "SELECT beneficiary_id, balance, status, purchases, open_orders FROM wallets"


class Clock:
    """When the run began and ended, in seconds of `time.perf_counter`."""

    started = ended = startup_seconds = 0.0

    def starts_after(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, after which the clock starts."""

        def timed(*args: Any) -> Any:
            result = call(*args)
            self.started, self.startup_seconds = time.perf_counter(), age_s()
            return result

        return timed

    def ends_after(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, the last of which ends it."""

        def timed(*args: Any) -> Any:
            result = call(*args)
            self.ended = time.perf_counter()
            return result

        return timed


def fold(settings: Settings) -> dict[str, Any]:
    """Fold the log into an empty warehouse; seconds, and bytes of the peak."""
    ensure_topics(AdminClient({**settings.kafka_settings()}), settings.topics)
    clock = Clock()
    assign, store = clock.starts_after(Projector.assign), clock.ends_after(Projector.store)
    with patch.object(Projector, "assign", assign), patch.object(Projector, "store", store):
        code = run_worker(settings, until_end=True)
    if code:
        sys.exit(code)
    seconds, peak = clock.ended - clock.started, peak_bytes() + _engine_bytes(settings)
    return {"seconds": round(seconds, 3), "startup_seconds": round(clock.startup_seconds, 3), "peak_bytes": peak}


def _engine_bytes(settings: Settings) -> int:
    """The most memory that the embedded warehouse's engine held."""
    holder = holder_of(settings.warehouse_folder) if settings.warehouse_folder else None
    return peak_bytes(holder.pid) if holder else 0


def found(settings: Settings, output: Path) -> dict[str, Any]:
    """What the journal and the wallets say; the wallets also as sorted lines in a file."""
    warehouse = open_warehouse(settings.warehouse)
    try:
        counts, sums = rows_of(warehouse, _COUNTS)[0], rows_of(warehouse, _SUMS)[0]
        wallets, version = rows_of(warehouse, _WALLETS), warehouse.version()
    finally:
        warehouse.close()
    lines = sorted(",".join(map(str, wallet.values())) for wallet in wallets)
    output.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    numbers = {name.removeprefix("sum_"): int(value) for name, value in (counts | sums).items()}
    return numbers | {"warehouse": version}


def settings_of(bootstrap: str, topic: str, home: Path, warehouse: str) -> Settings:
    """Of a worker in a group of its own, which nobody else asks."""
    return read_settings(
        kafka=bootstrap,
        warehouse=warehouse,
        home=home,
        log_topic=topic,
        group=f"bench-{uuid.uuid4().hex}",
        web_port=free_port(),
        engine_port=0,
        engine_metrics_port=0,
    )


def main() -> None:
    """Prints one line of JSON."""
    parser = argparse.ArgumentParser(description="One run of dompet, from an empty warehouse to the log's end.")
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--home", type=Path, required=True, help="an empty folder")
    parser.add_argument("--warehouse", required=True, help="the URL of an empty warehouse")
    parser.add_argument("--output", type=Path, required=True, help="the file for the wallets")
    options = parser.parse_args()
    settings = settings_of(options.bootstrap_servers, options.topic, options.home, options.warehouse)
    with engine_of(settings, meanwhile=load_worker):
        timed = fold(settings)
        print(json.dumps(timed | found(settings, options.output)))


if __name__ == "__main__":
    main()
