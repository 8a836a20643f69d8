"""What poison costs: a log with one per cent of bad records beside a clean one, folded in turn into chDB.

Run it as `python -m tests.bench.poison`; it ends with 1 where a bad record is not among the dead letters with its bytes
unchanged, or where the poisoned log is folded at less than 60 % of the clean one's rate.
"""

import argparse
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final

from confluent_kafka.admin import AdminClient

from dompet.infra.broker import LocalBroker
from dompet.schemas.topics import declared_topics
from dompet.streams.kafka.topics import ensure_topics
from dompet.streams.terminal.console import done, note, out
from dompet.streams.terminal.figures import count
from dompet.streams.warehouse import open_warehouse
from tests.bench.lives import LIFE, SHORT_LIFE, acted
from tests.bench.processes import BenchError, run
from tests.bench.rates import rates_page, run_alone, verdict
from tests.support.kafka import JARS
from tests.support.logs import RawRecord
from tests.support.poison import Letter, in_the_table, on_the_topic, poisoned, poisons, publish

SHARE: Final = 100
"""One record in so many is bad."""
RATE_AT_LEAST: Final = 0.6
_EVENTS_A_PERSON: Final = 4


def events(number: int) -> Iterator[RawRecord]:
    """So many good records of people who live side by side."""
    scripts = ((person, LIFE if person % 2 else SHORT_LIFE) for person in range(number // _EVENTS_A_PERSON + 1))
    made = acted(scripts, 0)
    for _ in range(number):
        key, value = next(made)
        yield RawRecord(key, value)


def fold(home: Path, kafka: str, topic: str, letters: list[Letter]) -> dict[str, Any]:
    """Fold the log into a warehouse of its own; BenchError where its dead letters are not these."""
    folder = home / uuid.uuid4().hex
    folder.mkdir()
    url = f"chdb://{folder}/warehouse"
    command = [sys.executable, "-m", "tests.bench.run_dompet", "--bootstrap-servers", kafka, "--topic", topic]
    own = ["--home", str(folder), "--warehouse", url, "--output", str(folder / "wallets")]
    answer, _ = run("the worker", [*command, *own], folder / "log")
    warehouse = open_warehouse(url)
    try:
        stored = in_the_table(warehouse)
    finally:
        warehouse.close()
    if stored != letters:
        raise BenchError(f"{topic}: {len(letters)} records are bad, {len(stored)} are dead letters, or not the same")
    return dict(answer)


def main() -> int:
    """0; 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.poison", description="What poison costs.")
    parser.add_argument("--events", type=int, default=1_000_000, help="records of each log (default 1,000,000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each (default 3)")
    options = parser.parse_args()
    bad = options.events // SHARE
    with tempfile.TemporaryDirectory(prefix="dompet-poison-") as folder:
        home = Path(folder)
        with LocalBroker(home, 0, libs=JARS) as broker:
            kafka, letters = broker.bootstrap, {"clean": list[Letter](), "poisoned": list[Letter]()}
            mixed = poisoned(events(options.events - bad), poisons(bad), SHARE - 1)
            for name, records in (("clean", ((one, False) for one in events(options.events))), ("poisoned", mixed)):
                ensure_topics(AdminClient({"bootstrap.servers": kafka}), declared_topics(name))
                letters[name] = publish(kafka, name, records)
                note(f"published {count(options.events)} records to {name}, {count(len(letters[name]))} of them bad")
            rates: dict[str, list[float]] = {name: [] for name in letters}
            for _ in range(options.runs):
                for name, expected in letters.items():
                    answer = fold(home, kafka, name, expected)
                    if answer["events"] != options.events:
                        raise BenchError(f"{name}: the journal has {answer['events']} of {options.events} records")
                    rates[name].append(options.events / answer["seconds"])
            if on_the_topic(kafka, "poisoned") != letters["poisoned"]:
                raise BenchError("the dead-letter topic has not each bad record with its bytes unchanged")
    return _report(rates, bad)


def _report(rates: dict[str, list[float]], bad: int) -> int:
    ratio = median(rates["poisoned"]) / median(rates["clean"])
    out.print(rates_page("Into chDB", rates))
    done(f"all {count(bad)} bad records are dead letters, in the table and on the topic, bytes unchanged; no stall")
    sentence = f"the poisoned log at {ratio:.0%} of the clean one's rate ({RATE_AT_LEAST:.0%} promised)"
    return verdict(sentence, kept=ratio >= RATE_AT_LEAST)


if __name__ == "__main__":
    run_alone(main)
