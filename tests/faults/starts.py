"""Starts that are cut off. `python -m tests.faults.starts` starts a command again and again, and each time the link to
its server breaks for a moment, one piece later in what the command sends.

A command may ride that out, or end with 2 and one sentence; anything else is wrong.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from typing import Final

from confluent_kafka.admin import AdminClient

from dompet.infra.ports import HOST, free_port
from dompet.schemas.topics import declared_topics
from dompet.streams.kafka.topics import ensure_topics
from tests.faults.plan import BROKER, WAREHOUSE
from tests.faults.proxy import Link, Network
from tests.faults.stage import LinkedBroker, port_of, through
from tests.support.clickhouse import ClickHouseServer
from tests.support.command import DOMPET, environment
from tests.support.crowd import crowd
from tests.support.logs import as_record, write

WORKER: Final = ("worker", "--until-end")
_LIMIT_S: Final = 120.0
_WRONG: Final = ("Traceback", "a fault of dompet's own")


@dataclass(frozen=True)
class Start:
    """What became of a start that was cut off at a piece: its exit code, None where it did not end, and its stderr. It
    is not `cut` where it sent fewer pieces.
    """

    pieces: int
    cut: bool
    code: int | None
    seconds: float
    said: str

    @property
    def wrong(self) -> str:
        """What is wrong with it; empty where it rode the outage out, or ended with 2 and a sentence."""
        last = self.said.rstrip("\n").rpartition("\n")[2]
        if self.code is None:
            return f"did not end in {_LIMIT_S:.0f} s; its last line: {last}"
        in_a_sentence = self.code == 0 or (self.code == 2 and last.startswith("dompet: "))
        if in_a_sentence and not any(sign in self.said for sign in _WRONG):
            return ""
        return f"exit code {self.code}: {last}"


@dataclass(frozen=True)
class Slot:
    """Where one start at a time takes place: its links to the broker and to the warehouse's server."""

    folder: Path
    links: dict[str, Link]
    warehouse: str

    def run(self, command: Sequence[str], server: str, pieces: int, away_s: float) -> Start:
        """Start a command, cut off from a server at a piece; at none where that is 0."""
        settings = {
            "DOMPET_KAFKA": f"{HOST}:{self.links[BROKER].port}",
            "DOMPET_WAREHOUSE": self.warehouse,
            "DOMPET_HOME": str(self.folder),
            "DOMPET_GROUP": group(pieces),
            "DOMPET_WEB_PORT": str(free_port()),
        }
        link = self.links[server]
        breaks = link.breaks
        link.cut_after(pieces, away_s)
        began, code = time.monotonic(), None
        with (self.folder / "stderr").open("w+") as stderr:
            process = subprocess.Popen(
                [*DOMPET, *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                cwd=self.folder,
                env=environment(settings),
            )
            with process:
                try:
                    code = process.wait(_LIMIT_S)
                except subprocess.TimeoutExpired:
                    process.kill()
            seconds = time.monotonic() - began
            link.come_back()  # what is left of the outage is not the next start's
            stderr.seek(0)
            return Start(pieces, link.breaks > breaks, code, seconds, stderr.read())


def group(pieces: int) -> str:
    """Each start has a consumer group of its own: one that was cut off may not have left."""
    return f"start-{pieces}"


@contextmanager
def slots(folder: Path, count: int) -> Iterator[list[Slot]]:
    """Servers, a log with some events, and so many slots."""
    with ExitStack() as stack:
        network = stack.enter_context(Network())
        server = stack.enter_context(ClickHouseServer(folder / "clickhouse"))
        names = [f"slot-{number}" for number in range(count)]
        broker = stack.enter_context(LinkedBroker(folder / "kafka", network, names))
        admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
        ensure_topics(admin, declared_topics())
        write(broker.bootstrap, declared_topics().log.name, [as_record(event) for event in crowd(5, 4)])
        made = []
        for name in names:
            links = {BROKER: broker.links[name], WAREHOUSE: network.link(port_of(server))}
            (folder / name).mkdir()
            made.append(Slot(folder / name, links, through(server, links[WAREHOUSE])))
        yield made


def cut_off(
    folder: Path,
    starts: Sequence[int],
    *,
    command: Sequence[str] = WORKER,
    server: str = BROKER,
    away_s: float,
    at_once: int,
) -> Iterator[Start]:
    """The command started once for each number of pieces, `at_once` at a time, in the order of the numbers."""
    with slots(folder, at_once) as free:
        waiting: SimpleQueue[Slot] = SimpleQueue()
        for slot in free:
            waiting.put(slot)

        if command != WORKER:  # other commands ask what a worker has stored
            folded = free[0].run(WORKER, server, 0, 0)
            assert folded.code == 0, folded.said

        def one(pieces: int) -> Start:
            slot = waiting.get()
            try:
                return slot.run(command, server, pieces, away_s)
            finally:
                waiting.put(slot)

        with ThreadPoolExecutor(at_once) as pool:
            yield from pool.map(one, starts)


def main() -> int:
    """0 where nothing is wrong, 1 where something is."""
    options = _options()
    began, done = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="dompet-starts-", ignore_cleanup_errors=True) as name:
        starts = range(1, options.pieces + 1)
        command = options.command or WORKER
        for start in cut_off(
            Path(name), starts, command=command, server=options.server, away_s=options.away, at_once=options.at_once
        ):
            done.append(start)
            if start.wrong:
                print(f"WRONG: cut off at piece {start.pieces}: {start.wrong}", flush=True)
    cut = [start for start in done if start.cut]
    rode = [start.seconds for start in cut if start.code == 0 and not start.wrong]
    in_a_sentence = [start.seconds for start in cut if start.code and not start.wrong]
    wrong = sum(bool(start.wrong) for start in done)
    print(f"dompet {' '.join(command)}, cut off from {options.server} for {options.away:g} s: {len(cut)} starts")
    for what, seconds in (("rode it out", rode), ("ended with a sentence", in_a_sentence)):
        times = f", after {median(seconds):.1f} s in the median and {max(seconds):.1f} s at most" if seconds else ""
        print(f"{len(seconds):4} {what}{times}")
    print(f"{wrong:4} wrong ({time.monotonic() - began:.0f} s)")
    return min(wrong, 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.starts", description=__doc__)
    parser.add_argument("--server", choices=(BROKER, WAREHOUSE), default=BROKER, help="which link breaks")
    parser.add_argument("--pieces", type=int, default=60, help="up to which piece")
    parser.add_argument("--away", type=float, default=3.0, help="for how many seconds")
    parser.add_argument("--at-once", type=int, default=4, help="how many starts at a time")
    parser.add_argument("command", nargs="*", help=f"what is started; {' '.join(WORKER)} if not given")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
