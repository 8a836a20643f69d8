"""The benchmark's rival in Faust: an agent that folds one event at a time into a table with a changelog topic.

Run it as `python -m tests.bench.faust_rival --bootstrap-servers HOST:PORT --topic NAME --events N [--output FILE]`.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import sys
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import faust
import uvloop
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from faust.sensors import Monitor

from tests.bench.decode_rival import decode
from tests.bench.processes import age_s
from tests.bench.rules_rival import ACCEPTED, DUPLICATE, RULE_OF, apply, new_wallet

SECONDS_WITHOUT_PROGRESS_MAX = 60
SUMS = ("credited", "spent", "refunded", "returned", "balance", "purchases", "open_orders")


class BadInputError(Exception):
    """A sentence for the one who called."""


class NoStatistics(Monitor):
    """Faust times each message and each event five times over, for pages that nobody looks at here."""

    def _nothing(self, *_: Any, **__: Any) -> None:
        """Counts nothing."""

    on_message_in = on_message_out = on_stream_event_in = on_stream_event_out = _nothing
    on_table_get = on_table_set = on_topic_buffer_full = on_send_initiated = on_send_completed = _nothing


class Rival:
    """One run: the application, its table and its counts. Times are seconds of `time.perf_counter`."""

    def __init__(self, bootstrap: str, topic: str, events: int, data_dir: str) -> None:
        self.startup_seconds = self.first_at = self.last_at = 0.0
        self.events = events
        self.seen = 0
        self.outcomes: Counter[str] = Counter()
        self.done = asyncio.Event()
        self.app = faust.App(
            f"faust-rival-{uuid.uuid4().hex}",
            broker=f"kafka://{bootstrap}",
            store="memory://",
            datadir=data_dir,
            web_enabled=False,
            Monitor=NoStatistics,
            topic_disable_leader=True,
            topic_replication_factor=1,
            stream_wait_empty=False,
            cython_optimizations=True,
            stream_buffer_maxsize=16_384,
            broker_commit_interval=10.0,
            consumer_max_fetch_size=4 << 20,
            producer_linger=0.5,
            producer_max_batch_size=1 << 20,
        )
        source = self.app.topic(topic, key_serializer="raw", value_serializer="raw")
        self.wallets = self.app.Table("wallets", key_type=bytes, partitions=_partitions(bootstrap, topic))
        self.app.agent(source)(self.fold)

    async def fold(self, stream: Any) -> None:
        """The agent."""
        async for value in stream:
            if self.seen == self.events:
                break
            if self.seen == 0:
                self.startup_seconds, self.first_at = age_s(), time.perf_counter()
            self.outcomes[self.outcome(stream.current_event.key, value)] += 1
            self.seen += 1
            if self.seen == self.events:
                self.last_at = time.perf_counter()
                self.done.set()

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

    async def run(self) -> None:
        """Runs until the number of events is reached.

        Raises:
            BadInputError: no event came for too long.
        """
        await self.app.start()
        try:
            seen = -1
            while not self.done.is_set():
                if self.seen == seen:
                    raise BadInputError(f"no event for {SECONDS_WITHOUT_PROGRESS_MAX} s after {seen} of {self.events}")
                seen = self.seen
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.done.wait(), SECONDS_WITHOUT_PROGRESS_MAX)
        finally:
            await self.app.stop()

    def report(self) -> dict[str, Any]:
        """Counts of outcomes and the sums over all wallets, in whole rupiah."""
        wallets = list(self.wallets.values())
        reasons = {name: n for name, n in sorted(self.outcomes.items()) if name not in (ACCEPTED, DUPLICATE, "dead")}
        return {
            "events": self.seen,
            "seconds": round(self.last_at - self.first_at, 3),
            "startup_seconds": round(self.startup_seconds, 3),
            "accepted": self.outcomes[ACCEPTED],
            "duplicate": self.outcomes[DUPLICATE],
            "rejected": sum(reasons.values()),
            "dead": self.outcomes["dead"],
            **{name: sum(wallet[name] for wallet in wallets) for name in SUMS[:5]},
            "wallets": len(wallets),
            **{name: sum(wallet[name] for wallet in wallets) for name in SUMS[5:]},
            "reasons": reasons,
        }

    def write_wallets(self, file: Path) -> None:
        """Writes `beneficiary_id,balance,status,purchases,open_orders`, sorted."""
        columns = ("balance", "status", "purchases", "open_orders")
        lines = (",".join([key.decode(), *(str(wallet[c]) for c in columns)]) for key, wallet in self.wallets.items())
        file.write_text("".join(f"{line}\n" for line in sorted(lines)), "utf-8")


def _partitions(bootstrap: str, topic: str) -> int:
    try:
        found = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).list_topics(topic, timeout=10)
    except KafkaException as error:
        raise BadInputError(f"no broker at {bootstrap}: {error.args[0].str()}") from error
    partitions = len(found.topics[topic].partitions)
    if partitions == 0:
        raise BadInputError(f"no topic {topic} at {bootstrap}")
    return partitions


async def _run(options: argparse.Namespace, data_dir: str) -> Rival:
    rival = Rival(options.bootstrap_servers, options.topic, options.events, data_dir)
    await rival.run()
    return rival


def main() -> int:
    """Prints one line of JSON; 2 and one sentence where the input or the broker is at fault."""
    parser = argparse.ArgumentParser(description="The fold of five event types as an idiomatic Faust agent.")
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--events", type=int, required=True, help="how many to fold before it ends")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    if options.events < 1:
        parser.error("--events must be at least 1")
    try:
        # What makes Faust quicker without changing the program: uvloop (a fifth), orjson, where it is installed, and
        # a collector that does not walk through dictionaries that only grow.
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
        gc.freeze()
        gc.set_threshold(1_000_000, 50, 100)
        with tempfile.TemporaryDirectory(prefix="faust-rival-") as data_dir:
            rival = asyncio.run(_run(options, data_dir))
        if options.output:
            rival.write_wallets(options.output)
    except (BadInputError, OSError) as error:
        print(f"faust_rival: {error}", file=sys.stderr)
        return 2
    print(json.dumps(rival.report()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
