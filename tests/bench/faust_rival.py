"""The benchmark's rival in Faust: two workers of one group, each with its share of the partitions.

Run it as `python -m tests.bench.faust_rival --bootstrap-servers HOST:PORT --topic NAME --events N --output FILE`.
"""

import argparse
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from confluent_kafka import KafkaException, cimpl
from confluent_kafka.admin import AdminClient

from tests.bench.faust_worker import SUMS
from tests.bench.processes import ROOT
from tests.bench.rules_rival import ACCEPTED, DUPLICATE

WORKERS: Final = 2
"""As many as Kafka Streams has threads."""
SECONDS_WITHOUT_PROGRESS_MAX: Final = 20
_SETTLED_S: Final = 3.0
_TRIES: Final = 3


class BadInputError(Exception):
    """A sentence for the one who called."""


class Disturbed(BadInputError):
    """The group was rebalanced in the middle of a run: Faust then forgets what it had fetched, or folds it twice."""


class Workers:
    """Worker processes and what they tell."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._reported: queue.Queue[tuple[int, dict[str, Any]]] = queue.Queue()
        self.partitions = _partitions(options.bootstrap_servers, options.topic)
        self.outputs = [folder / f"{number}.csv" for number in range(WORKERS)]
        group = f"faust-rival-{uuid.uuid4().hex}"
        _make_changelog(options.bootstrap_servers, f"{group}-wallets-changelog", self.partitions)
        where = ("--bootstrap-servers", options.bootstrap_servers, "--topic", options.topic, "--group", group)
        # -O is a tenth quicker: Faust asserts at every message.
        command = [sys.executable, "-O", "-m", "tests.bench.faust_worker", *where, "--partitions", str(self.partitions)]
        self._processes = [
            subprocess.Popen(
                [*command, "--output", output], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            for output in self.outputs
        ]
        for number in range(WORKERS):
            threading.Thread(target=self._listen, args=(number,), daemon=True).start()

    def _listen(self, number: int) -> None:
        stdout = self._processes[number].stdout
        assert stdout
        for line in stdout:
            self._reported.put((number, json.loads(line)))

    def say(self, word: str) -> None:
        """To all of them."""
        for process in self._processes:
            assert process.stdin
            process.stdin.write(f"{word}\n")
            process.stdin.flush()

    def wait(self, name: str, total: int) -> list[dict[str, Any]]:
        """What each reported last, once the numbers of that name make up the total, and nobody's is none."""
        last: list[dict[str, Any]] = [{} for _ in self._processes]
        while sum(one.get(name, 0) for one in last) != total or not all(one.get(name) for one in last):
            try:
                number, reported = self._reported.get(timeout=SECONDS_WITHOUT_PROGRESS_MAX)
            except queue.Empty:
                raise Disturbed(f"no {name} for {SECONDS_WITHOUT_PROGRESS_MAX} s after {last}, of {total}") from None
            last[number] = reported
        return last

    def close(self) -> None:
        """End those that still run."""
        for process in self._processes:
            assert process.stdin
            process.stdin.close()  # which they take for the last word
            try:
                process.wait(SECONDS_WITHOUT_PROGRESS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()


def together(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the workers found, as one; seconds from the first event of any to the last."""
    outcomes: Counter[str] = sum((Counter(one["outcomes"]) for one in found), Counter())
    reasons = {name: n for name, n in sorted(outcomes.items()) if name not in (ACCEPTED, DUPLICATE, "dead")}
    return {
        "events": sum(one["events"] for one in found),
        "seconds": round(max(one["last_at"] for one in found) - min(one["first_at"] for one in found), 3),
        "startup_seconds": round(max(one["startup_seconds"] for one in found), 3),
        "peak_bytes": sum(one["peak_bytes"] for one in found),
        **{name: outcomes[name] for name in (ACCEPTED, DUPLICATE, "dead")},
        "rejected": sum(reasons.values()),
        "wallets": sum(one["wallets"] for one in found),
        **{name: sum(one["sums"][name] for one in found) for name in SUMS},
        "reasons": reasons,
    }


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Fold so many events; what was found. A run that was disturbed is begun again."""
    for _ in range(_TRIES - 1):
        with suppress(Disturbed):
            return once(options)
    return once(options)


def once(options: argparse.Namespace) -> dict[str, Any]:
    """One run. The wallets go into the output, sorted."""
    with tempfile.TemporaryDirectory(prefix="faust-rival-") as folder:
        workers = Workers(options, Path(folder))
        try:
            workers.wait("partitions", workers.partitions)
            time.sleep(_SETTLED_S)
            workers.say("go")
            workers.wait("seen", options.events)
            workers.say("end")
            found = workers.wait("events", options.events)
        finally:
            workers.close()
        lines = [line for output in workers.outputs for line in output.read_text("utf-8").splitlines(keepends=True)]
        options.output.write_text("".join(sorted(lines)), "utf-8")
    return together(found)


def _make_changelog(bootstrap: str, topic: str, partitions: int) -> None:
    """Make it before the workers do: a topic that comes to be while they join has the group balanced once more."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    made = admin.create_topics([cimpl.NewTopic(topic, partitions, 1, config={"cleanup.policy": "compact"})])
    try:
        made[topic].result()
    except KafkaException as error:
        raise BadInputError(f"topic {topic} at {bootstrap}: {error.args[0].str()}") from error


def _partitions(bootstrap: str, topic: str) -> int:
    try:
        found = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).list_topics(topic, timeout=10)
    except KafkaException as error:
        raise BadInputError(f"no broker at {bootstrap}: {error.args[0].str()}") from error
    partitions = len(found.topics[topic].partitions)
    if partitions < WORKERS:
        raise BadInputError(f"topic {topic} at {bootstrap} has {partitions} partitions for {WORKERS} workers")
    return partitions


def main() -> int:
    """Prints one line of JSON; 2 and one sentence where the input or the broker is at fault."""
    parser = argparse.ArgumentParser(description="The fold of five event types as an idiomatic Faust agent.")
    parser.add_argument("--bootstrap-servers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--events", type=int, required=True, help="how many there are")
    parser.add_argument("--output", type=Path, required=True)
    try:
        print(json.dumps(run(parser.parse_args())))
    except (BadInputError, OSError) as error:
        print(f"faust_rival: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
