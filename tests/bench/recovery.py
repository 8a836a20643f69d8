"""The fifth case: how fast a worker that starts rebuilds its state from a large journal.

Run it as `python -m tests.bench.recovery FOLDER [--rows N] [--server]`, FOLDER being empty; prints one line of
JSON. The journal is a programme's of all event types, folded by the projector without Kafka. Measured is the whole
of an assignment of all partitions, `Projector.assign`, to journal rows a second: after an ordinary stop, where the
checkpoints are at the journal's end; to a worker that has the state of all of them already, as at a rebalancing that
takes it nothing; and after a crash, where a batch is above the checkpoints.
"""

import argparse
import json
import logging
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from dompet.schemas.decode import Decoded
from dompet.schemas.partitions import partitions_of
from dompet.schemas.records import RawColumn, Records
from dompet.schemas.rules import read_rules
from dompet.schemas.wire import encode_fields
from dompet.streams.commands.local_engine import engine_of
from dompet.streams.demo.programme.programme import programme_fields
from dompet.streams.pipeline.checkpoints import Identity
from dompet.streams.pipeline.projector import Projector
from dompet.streams.settings import read_settings
from dompet.streams.terminal.console import bar
from dompet.streams.terminal.figures import Stopwatch, per_second
from dompet.streams.warehouse import Warehouse, open_warehouse
from dompet.streams.warehouse.migrate import migrate
from tests.bench.processes import BenchError
from tests.support.clickhouse import ClickHouseServer

ROWS: Final = 2_000_000
BATCH: Final = 50_000
PARTITIONS: Final = 12
TIMES: Final = 3
_EVENTS_A_PERSON: Final = 15
_SEED: Final = 2020
_BEGIN_US: Final = 1_590_000_000_000_000
_SETTLE_S: Final = 60.0
_LOOK_S: Final = 0.2


class NoLetters:
    """Stands for the dead-letter topic: a programme has none."""

    def send(self, decoded: Decoded) -> None:
        raise BenchError(f"{len(decoded.dead)} records of the programme are dead")


class OfflineLog:
    """A log that is made as it is read: batches of a programme, by partition, with the offsets that they would have."""

    def __init__(self, events: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        self._events = iter(events)
        self.ends = np.zeros(PARTITIONS, dtype=np.int64)

    def read(self, size: int) -> Records:
        """The next batch."""
        some = list(islice(self._events, size))
        keys = RawColumn.of([fields["beneficiary_id"].encode() for _, fields in some])
        values = RawColumn.of([encode_fields(type_name, fields) for type_name, fields in some])
        partition = partitions_of(keys.strings, PARTITIONS)
        order = np.argsort(partition, kind="stable")
        counts = np.bincount(partition, minlength=PARTITIONS)
        begins = self.ends - (np.cumsum(counts) - counts)
        offset = np.arange(len(some)) + begins[partition[order]]
        self.ends += counts
        keys, values = keys.take(order), values.take(order)
        return Records(partition[order].astype(np.int32), offset, _BEGIN_US + offset, keys, values, PARTITIONS)


def projector(warehouse: Warehouse) -> Projector:
    """A worker's projector that has been assigned nothing yet."""
    rulebook = read_rules()
    letters: Any = NoLetters()
    return Projector(warehouse, rulebook, Identity("bench", "bench.recovery", PARTITIONS, rulebook.digest()), letters)


def fill(warehouse: Warehouse, log: OfflineLog, rows: int) -> Projector:
    """Fold and store so many of the log's records; the worker that did."""
    worker = projector(warehouse)
    worker.assign(dict.fromkeys(range(PARTITIONS), (0, 0)), 1)
    with bar("making the journal", rows) as show:
        for begin in range(0, rows, BATCH):
            worker.store(_folded(worker, log.read(min(BATCH, rows - begin))))
            show(begin, rows)
    return worker


def _folded(worker: Projector, records: Records) -> Any:
    folded = worker.project(records, 1)
    if folded is None or not len(records):
        raise BenchError("the programme has ended")
    return folded


def crash(warehouse: Warehouse, worker: Projector, log: OfflineLog) -> None:
    """The worker's next batch, of which the rows are stored, and no checkpoint."""
    for name, table in _folded(worker, log.read(BATCH)).tables.items():
        warehouse.insert(name, table)


def _ends(log: OfflineLog) -> dict[int, tuple[int, int]]:
    return {partition: (0, end) for partition, end in enumerate(log.ends.tolist())}


def assigned(warehouse: Warehouse, log: OfflineLog, rows: int) -> dict[str, Any]:
    """Assignments of all partitions, each to a new worker: the median's rate and all seconds."""
    return _assigned([projector(warehouse) for _ in range(TIMES)], log, rows)


def kept(warehouse: Warehouse, log: OfflineLog, rows: int) -> dict[str, Any]:
    """The same to one worker that has them already."""
    worker = projector(warehouse)
    worker.assign(_ends(log), 0)
    return _assigned([worker] * TIMES, log, rows)


def _assigned(workers: list[Projector], log: OfflineLog, rows: int) -> dict[str, Any]:
    seconds = []
    for generation, worker in enumerate(workers, 1):
        watch = Stopwatch()
        worker.assign(_ends(log), generation)
        seconds.append(round(watch.seconds, 3))
        recovered = sum(worker.progress.next_offsets.values())
        if recovered != rows:
            raise BenchError(f"recovered {recovered} rows of {rows}")
    median = statistics.median(seconds)
    return {"rows_per_s": per_second(rows, median), "seconds": seconds, "wallets": worker.wallets}


def settle(warehouse: Warehouse) -> None:
    """Wait until the warehouse has merged what it will merge: its merges would take half of the machine."""
    deadline = time.monotonic() + _SETTLE_S
    while warehouse.read("SELECT count() AS n FROM system.merges").to_pylist() != [{"n": 0}]:
        if time.monotonic() > deadline:
            return
        time.sleep(_LOOK_S)


def measured(url: str, rows: int) -> dict[str, Any]:
    """Fill the warehouse, and measure both starts."""
    warehouse = open_warehouse(url)
    try:
        migrate(warehouse)
        log = OfflineLog(programme_fields(1 + (rows + BATCH) * 11 // 10 // _EVENTS_A_PERSON, _SEED))
        worker = fill(warehouse, log, rows)
        settle(warehouse)
        stopped, stayed = assigned(warehouse, log, rows), kept(warehouse, log, rows)
        crash(warehouse, worker, log)
        settle(warehouse)
        crashed = assigned(warehouse, log, rows)
        return {"warehouse": warehouse.version(), "rows": rows, "stopped": stopped, "kept": stayed, "crashed": crashed}
    finally:
        warehouse.close()


@contextmanager
def _warehouse_url(folder: Path, server: bool) -> Iterator[str]:
    if not server:
        url = f"chdb://{folder / 'warehouse'}"
        with engine_of(read_settings(warehouse=url, home=folder / "home", engine_port=0, engine_metrics_port=0)):
            yield url
        return
    with ClickHouseServer(folder) as running:
        yield running.url


def main() -> None:
    """Prints one line of JSON."""
    parser = argparse.ArgumentParser(description="How fast a worker's state is rebuilt from a large journal.")
    parser.add_argument("folder", type=Path, help="an empty folder for the warehouse")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"rows of the journal (default {ROWS:,})")
    parser.add_argument("--server", action="store_true", help="a clickhouse-server, not the embedded engine")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s: %(message)s")
    with _warehouse_url(options.folder.absolute(), options.server) as url:
        print(json.dumps(measured(url, options.rows)))


if __name__ == "__main__":
    main()
