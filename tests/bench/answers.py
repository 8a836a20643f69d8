"""The fourth case: the named questions, asked of a journal of ten million rows in the embedded warehouse.

Run it as `python -m tests.bench.answers FOLDER [--rows N]`, where FOLDER is an empty folder; prints one line of JSON.
Each question is asked through the product's own code: once to warm up, then five times, always of another person,
month or dimension, so that no answer is the one before.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

from dompet.streams.answers.asking import rows
from dompet.streams.answers.funnel import Dimension, funnel_sql
from dompet.streams.answers.wallet import AsOf, partition_in, timeline_sql, wallet_of
from dompet.streams.settlement.lines import Party
from dompet.streams.settlement.period import Period
from dompet.streams.settlement.statements import settle
from dompet.streams.terminal.figures import Stopwatch
from dompet.streams.warehouse import Warehouse, open_warehouse
from dompet.streams.warehouse.client import OpenClient
from dompet.streams.warehouse.migrate import migrate
from tests.bench.journal import AS_OF_US, PLATFORM, fill, person_id
from tests.bench.processes import BenchError

ROWS: Final = 10_000_000
TIMES: Final = 5
_QUIET_LIMIT_S: Final = 60.0
_LOOK_S: Final = 0.2

_PRIME: Final = 7_919
_DIMENSIONS: Final[tuple[Dimension, ...]] = ("platform", "platform", "institution", "course", "category", "wave")

Question = Callable[[Warehouse, int, int], int]
"""Asked of a warehouse of so many people, the n-th time; how many rows the answer has."""


def wallet(warehouse: Warehouse, people: int, number: int) -> int:
    """What `dompet wallet ID --as-of T --known-at T` asks for the wallet, in the middle of the year."""
    return int(wallet_of(warehouse.answer, _asked_for(warehouse, people, number)) is not None)


def timeline(warehouse: Warehouse, people: int, number: int) -> int:
    """What it asks for the events of another person."""
    return len(rows(warehouse.answer, timeline_sql(_asked_for(warehouse, people, number + TIMES + 1))))


def _asked_for(warehouse: Warehouse, people: int, number: int) -> AsOf:
    person = person_id(number * _PRIME % max(people // 4, 1))
    return AsOf(person, AS_OF_US, AS_OF_US, partition_in(warehouse.answer, person))


def settlement(warehouse: Warehouse, people: int, number: int) -> int:
    """What `dompet settle` asks for a month of the platform that sells most, compared with the journal."""
    month = 5 + number
    first, after = date(2020, month, 1), date(2020, month + 1, 1)
    period = Period(first, date.fromordinal(after.toordinal() - 1))
    return len(settle(OpenClient(warehouse), Party("platform", PLATFORM), period).lines)


def funnel(warehouse: Warehouse, people: int, number: int) -> int:
    """What `dompet funnel --by D` asks."""
    return len(rows(warehouse.answer, funnel_sql(_DIMENSIONS[number])))


def funnel_view(warehouse: Warehouse, people: int, number: int) -> int:
    """The view, all of it: a row for each platform, institution, course and wave."""
    return warehouse.answer("SELECT * FROM funnel", "TSV").count(b"\n")


QUESTIONS: Final[dict[str, Question]] = {
    "wallet": wallet,
    "timeline": timeline,
    "settlement": settlement,
    "funnel": funnel,
    "funnel_view": funnel_view,
}


def asked(warehouse: Warehouse, people: int) -> dict[str, list[float]]:
    """The seconds that each question took, each time. Raises BenchError where an answer is empty."""
    seconds: dict[str, list[float]] = {}
    for name, question in QUESTIONS.items():
        seconds[name] = []
        for number in range(TIMES + 1):
            watch = Stopwatch()
            found = question(warehouse, people, number)
            seconds[name].append(watch.seconds)
            if not found:
                raise BenchError(f"the question {name}, asked for the {number + 1}. time, has no answer")
        del seconds[name][0]  # the warm-up
    return seconds


def measured(folder: Path, size: int) -> dict[str, Any]:
    """Fill a warehouse in the folder with a journal of so many rows, and ask."""
    warehouse = open_warehouse(f"chdb://{folder}")
    try:
        migrate(warehouse)
        watch = Stopwatch()
        people = fill(warehouse, size)
        filling_seconds = watch.seconds
        _settled(warehouse)
        stored = rows(warehouse.answer, "SELECT count() AS stored FROM journal_rows")[0]["stored"]
        seconds = asked(warehouse, people)
    finally:
        warehouse.close()
    return {"rows": stored, "people": people, "filling_seconds": round(filling_seconds, 1), "seconds": seconds}


def _settled(warehouse: Warehouse) -> None:
    """Wait until the warehouse has merged what it will merge, as it has between two questions on any day."""
    deadline = time.monotonic() + _QUIET_LIMIT_S
    while rows(warehouse.answer, "SELECT count() AS running FROM system.merges")[0]["running"]:
        if time.monotonic() > deadline:
            return
        time.sleep(_LOOK_S)


def main() -> None:
    """Prints one line of JSON."""
    parser = argparse.ArgumentParser(description="The named questions, asked of a large journal.")
    parser.add_argument("folder", type=Path, help="an empty folder for the warehouse")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"rows of the journal (default {ROWS:,})")
    options = parser.parse_args()
    print(json.dumps(measured(options.folder, options.rows)))


if __name__ == "__main__":
    main()
