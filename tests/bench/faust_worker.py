"""One worker of the benchmark's rival in Faust: an agent that folds one event at a time into a table with a changelog.

`faust_rival` starts it and speaks to it by lines: it hears `go` once all workers have their partitions, and `end` once
all events are folded; it tells, as JSON, how many partitions it has and how many events it has seen, and in the end
what it found.
"""

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

import faust
import uvloop
from faust.sensors import Monitor

from tests.bench.decode_rival import decode
from tests.bench.processes import age_s, peak_bytes
from tests.bench.rules_rival import ACCEPTED, RULE_OF, apply, new_wallet

SUMS: Final = ("credited", "spent", "refunded", "returned", "balance", "purchases", "open_orders")
_LOOK_S: Final = 0.05


class NoStatistics(Monitor):
    """Faust times each message and each event five times over, for pages that nobody looks at here."""

    def _nothing(self, *_: Any, **__: Any) -> None:
        """Counts nothing."""

    on_message_in = on_message_out = on_stream_event_in = on_stream_event_out = _nothing
    on_table_get = on_table_set = on_topic_buffer_full = on_send_initiated = on_send_completed = _nothing


class FaustWorker:
    """The application, its table and its counts. Times are seconds of `time.perf_counter`."""

    def __init__(self, options: argparse.Namespace, data_dir: str) -> None:
        self.startup_seconds = self.first_at = self.last_at = 0.0
        self.seen = 0
        self.outcomes: Counter[str] = Counter()
        self.go, self.end = asyncio.Event(), asyncio.Event()
        self.topic = options.topic
        self.app = faust.App(
            options.group,
            broker=f"kafka://{options.bootstrap_servers}",
            store="memory://",
            datadir=data_dir,
            web_enabled=False,
            Monitor=NoStatistics,
            topic_disable_leader=True,
            topic_replication_factor=1,
            table_standby_replicas=0,
            stream_wait_empty=False,
            cython_optimizations=True,
            broker_commit_interval=10.0,
            consumer_max_fetch_size=4 << 20,
            producer_linger=0.5,
            producer_max_batch_size=1 << 20,
        )
        source = self.app.topic(self.topic, key_serializer="raw", value_serializer="raw")
        self.wallets = self.app.Table("wallets", key_type=bytes, partitions=options.partitions)
        self.app.agent(source)(self.fold)

    async def fold(self, stream: Any) -> None:
        """The agent."""
        await self.go.wait()
        async for value in stream:
            if self.seen == 0:
                self.startup_seconds, self.first_at = age_s(), time.perf_counter()
            self.outcomes[self.outcome(stream.current_event.key, value)] += 1
            self.seen += 1
            self.last_at = time.perf_counter()

    def outcome(self, key: bytes | None, value: bytes | None) -> str:
        """Folds one record: accepted, duplicate, dead, or the reason of the rejection."""
        try:
            kind, event = decode(value)
        except ValueError:
            return "dead"
        if kind not in RULE_OF:
            return "dead" if key is None else "other_type"
        if key != event["beneficiary_id"].encode():
            return "dead"
        wallet = self.wallets.get(key) or new_wallet()
        outcome = apply(wallet, kind, event)
        if outcome == ACCEPTED:
            self.wallets[key] = wallet
        return outcome

    async def run(self, output: Path) -> None:
        """Runs from `go` to `end`; the wallets go into a file, a line each."""
        await self.app.start()
        reported: dict[str, int] = {}
        while not self.end.is_set():
            mine = [place for place in self.app.consumer.assignment() if place.topic == self.topic]
            now = {"partitions": len(mine), "seen": self.seen}
            if now != reported:
                reported = now
                print(json.dumps(reported), flush=True)
            await asyncio.sleep(_LOOK_S)
        # Before it stops: the other workers do, too, and their partitions would come to this one.
        print(json.dumps(self.report()), flush=True)
        self.write_wallets(output)
        await self.app.stop()

    def report(self) -> dict[str, Any]:
        """Counts of outcomes and the sums over all wallets, in whole rupiah."""
        wallets = list(self.wallets.values())
        return {
            **{"events": self.seen, "first_at": self.first_at, "last_at": self.last_at},
            **{"startup_seconds": self.startup_seconds, "peak_bytes": peak_bytes()},
            "outcomes": self.outcomes,
            "wallets": len(wallets),
            "sums": {name: sum(wallet[name] for wallet in wallets) for name in SUMS},
        }

    def write_wallets(self, file: Path) -> None:
        """Writes `beneficiary_id,balance,status,purchases,open_orders`."""
        columns = ("balance", "status", "purchases", "open_orders")
        lines = (",".join([key.decode(), *(str(wallet[c]) for c in columns)]) for key, wallet in self.wallets.items())
        file.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _listen(worker: FaustWorker, loop: asyncio.AbstractEventLoop) -> None:
    """Hear the first word, and the second; who starts a worker and is gone means the second, too."""
    for event in (worker.go, worker.end):
        sys.stdin.readline()
        loop.call_soon_threadsafe(event.set)


async def _run(options: argparse.Namespace, data_dir: str) -> None:
    worker = FaustWorker(options, data_dir)
    threading.Thread(target=_listen, args=(worker, asyncio.get_running_loop()), daemon=True).start()
    await worker.run(options.output)


def main() -> None:
    """To be run by `faust_rival`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--partitions", type=int, required=True)
    parser.add_argument("--group", required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    # What makes Faust quicker without changing the program: uvloop (a fifth), orjson, where it is installed, and
    # a collector that does not walk through dictionaries that only grow.
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    gc.freeze()
    gc.set_threshold(1_000_000, 50, 100)
    with tempfile.TemporaryDirectory(prefix="faust-rival-") as data_dir:
        asyncio.run(_run(options, data_dir))


if __name__ == "__main__":
    main()
