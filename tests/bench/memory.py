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
from dompet.schemas.decode import Records, decode
from dompet.schemas.rules import read_rules
from tests.bench.lives import LATER, LIFE, SHORT_LIFE, acted, records

PEOPLE_A_BATCH: Final = 10_000
COST_BATCHES: Final = 7
_LATER_FROM: Final = 1 << 40
_SEED: Final = 5


def sizes(wallets: int) -> list[int]:
    """The numbers of wallets at which cost is measured: 10,000, ten times as many, … and the one asked for."""
    tens = [PEOPLE_A_BATCH * 10**power for power in range(9)]
    return [*(size for size in tens if size < wallets), wallets]


class Growing:
    """A fold that takes people in, and what that cost."""

    def __init__(self) -> None:
        self.fold = Fold(read_rules(), _SEED)
        self.events = 0
        self.cpu_s = 0.0

    def apply(self, batch: Records) -> float:
        """Bytes to journal rows; CPU seconds of it."""
        began = time.process_time()
        decoded = decode(batch)
        result = self.fold.apply(decoded)
        journal_rows(decoded, result, self.fold.state, self.fold.laws)
        return time.process_time() - began

    def take_in(self, wallets: int) -> None:
        """So many people, a batch of them after the other, each with a first life."""
        for begin in range(0, wallets, PEOPLE_A_BATCH):
            people = range(begin, min(begin + PEOPLE_A_BATCH, wallets))
            batch = records(acted(((one, LIFE if one % 2 else SHORT_LIFE) for one in people), 4 * begin))
            self.cpu_s += self.apply(batch)
            self.events += len(batch)

    def later_us(self, wallets: int) -> list[float]:
        """CPU microseconds an event of each of some batches, on people taken at random."""
        costs = []
        for number in range(COST_BATCHES):
            people = Random(number).sample(range(wallets), min(PEOPLE_A_BATCH, wallets))
            batch = records(acted(((one, LATER) for one in people), _LATER_FROM + 4 * number * PEOPLE_A_BATCH))
            costs.append(self.apply(batch) / len(batch) * 1e6)
        return costs


def resident_bytes() -> int:
    """What the process holds in memory, once all that is free was given back."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cost(wallets: int) -> dict[str, Any]:
    """Of an event in a fold with so many wallets; and the memory that they take."""
    before = resident_bytes()
    growing = Growing()
    growing.take_in(wallets)
    state = growing.fold.state
    memory, orders = resident_bytes() - before, state.orders.count
    if (state.wallets.count, orders) != (wallets, wallets + wallets // 2):
        raise AssertionError(f"{state.wallets.count} wallets with {orders} orders of {wallets} people")
    later = growing.later_us(wallets)
    return {
        "wallets": wallets,
        "orders": orders,
        "bytes_per_wallet": round(memory / wallets, 1),
        "later_us": round(statistics.median(later), 3),
        "later_us_max": round(max(later), 3),
        "first_us": round(growing.cpu_s / growing.events * 1e6, 3),
    }


def main() -> None:
    """Prints one line of JSON: a cost for each size, the smallest first."""
    parser = argparse.ArgumentParser(description="Memory of the state, and cost of an event by the state's size.")
    parser.add_argument("--wallets", type=int, default=1_000_000)
    options = parser.parse_args()
    cost(PEOPLE_A_BATCH)  # what is loaded or reserved once is not the state's
    print(json.dumps([cost(size) for size in sizes(options.wallets)]))


if __name__ == "__main__":
    main()
