"""What the state weighs, and whether an event costs the same whatever the state's size.

Run it as `python -m tests.bench.memory [--wallets N]`; prints one line of JSON. Memory is resident memory of the
process: what it grew by while N people were folded, after garbage was collected and freed memory given back. Cost is
CPU time of decode, fold and journal rows, for batches of one shape on people of the state taken at random.
"""

import argparse
import ctypes
import gc
import json
import os
import statistics
import time
from pathlib import Path
from random import Random
from typing import Any, Final

import pyarrow as pa

from dompet.projections.fold import Fold
from dompet.projections.journal import journal_rows
from dompet.schemas.decode import decode
from dompet.schemas.records import Records
from dompet.schemas.rules import read_rules
from tests.bench.lives import LATER, LIFE, SHORT_LIFE, acted, records

PEOPLE_A_BATCH: Final = 10_000
COST_BATCHES: Final = 9
_LATER_FROM: Final = 1 << 40
_SEED: Final = 5


def sizes(wallets: int) -> list[int]:
    """The numbers of wallets at which cost is measured: 10,000, ten times as many, … and the one asked for."""
    tens = [PEOPLE_A_BATCH * 10**power for power in range(9)]
    return [*(size for size in tens if size < wallets), wallets]


class People:
    """A fold that so many people were taken in, what that cost, and the memory that they take."""

    def __init__(self, wallets: int) -> None:
        before = resident_bytes()
        self.wallets = wallets
        self.fold = Fold(read_rules(), _SEED)
        self.costs_us: list[float] = []
        events, cpu_s = 0, 0.0
        for begin in range(0, wallets, PEOPLE_A_BATCH):
            people = range(begin, min(begin + PEOPLE_A_BATCH, wallets))
            batch = records(acted(((one, LIFE if one % 2 else SHORT_LIFE) for one in people), 4 * begin))
            cpu_s += self._apply(batch)
            events += len(batch)
        del batch
        self.first_us = cpu_s / events * 1e6
        self.memory = resident_bytes() - before
        self.orders = self.fold.state.orders.count
        if (self.fold.state.wallets.count, self.orders) != (wallets, wallets + wallets // 2):
            raise AssertionError(f"{self.fold.state.wallets.count} wallets, {self.orders} orders of {wallets} people")

    def go_on(self, number: int) -> None:
        """A batch of later events on people taken at random; its cost is kept."""
        people = Random(number).sample(range(self.wallets), min(PEOPLE_A_BATCH, self.wallets))
        batch = records(acted(((one, LATER) for one in people), _LATER_FROM + 4 * number * PEOPLE_A_BATCH))
        self.costs_us.append(self._apply(batch) / len(batch) * 1e6)

    def _apply(self, batch: Records) -> float:
        """Bytes to journal rows; CPU seconds of it."""
        began = time.process_time()
        decoded = decode(batch)
        result = self.fold.apply(decoded)
        journal_rows(decoded, result, self.fold.state, self.fold.laws)
        return time.process_time() - began

    def report(self) -> dict[str, Any]:
        """What was found, with times in CPU microseconds an event."""
        return {
            "wallets": self.wallets,
            "orders": self.orders,
            "bytes_per_wallet": round(self.memory / self.wallets, 1),
            "first_us": round(self.first_us, 3),
            "later_us": round(statistics.median(self.costs_us), 3),
        }


def resident_bytes() -> int:
    """What the process holds in memory, once all that is free was given back."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measured(wallets: int) -> list[dict[str, Any]]:
    """A report for each size, the smallest first. The sizes take turns, so that a busy moment strikes all alike."""
    People(PEOPLE_A_BATCH)  # what is loaded or reserved once is not the state's
    all_sizes = [People(size) for size in sizes(wallets)]
    for number in range(COST_BATCHES):
        for people in all_sizes:
            people.go_on(number)
    return [people.report() for people in all_sizes]


def main() -> None:
    """Prints one line of JSON: a cost for each size, the smallest first."""
    parser = argparse.ArgumentParser(description="Memory of the state, and cost of an event by the state's size.")
    parser.add_argument("--wallets", type=int, default=1_000_000)
    options = parser.parse_args()
    print(json.dumps(measured(options.wallets)))


if __name__ == "__main__":
    main()
