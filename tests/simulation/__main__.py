"""Many seeds: `python -m tests.simulation [--seeds N] [--first N] [--processes N]`.

The exit code is 1 where one finds a fault. A finding names its seed: `--first SEED --seeds 1` repeats it exactly.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter

from tests.simulation.world import quiet, run_counted

SEEDS = 10_000
_SHOWN = 20


def main() -> int:
    """Prints findings as they come, then what was done."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Faults at every step, by seeds.")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"how many (default {SEEDS:,})")
    parser.add_argument("--first", type=int, default=0, help="the first one (default 0)")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="side by side (default: a core each)")
    options = parser.parse_args()
    began, faults, steps, found = time.monotonic(), Counter[str](), 0, 0
    with multiprocessing.get_context("spawn").Pool(options.processes, quiet) as pool:
        seeds = range(options.first, options.first + options.seeds)
        for said, counted, taken in pool.imap(run_counted, seeds, chunksize=8):
            faults.update(counted)
            steps += taken
            found += bool(said)
            if said and found <= _SHOWN:
                print(said, flush=True)
    seconds = time.monotonic() - began
    done = f"{options.seeds:,} seeds, {steps:,} steps in {seconds:.0f} s ({options.seeds / seconds:.0f} seeds a second)"
    print(f"{done}; {found:,} found a fault")
    print("; ".join(f"{name}: {count:,}" for name, count in sorted(faults.items())))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
