"""The same job: dompet beside rivals that store what it stores, on one log, in turn, each into the same server."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from clickhouse_driver import Client

from dompet.streams.terminal.console import done, out, working
from dompet.streams.terminal.figures import plural, speed
from tests.bench.contestants import SERVER, Command, Contestant, Run, dompet
from tests.bench.publish import Log
from tests.bench.rates import rates_page, verdict
from tests.bench.storing_rival import DATABASE, STORED, Stored, store
from tests.support.clickhouse import ClickHouseServer

EVENTS: Final = 250_000
RUNS: Final = 2
AT_LEAST: Final = 5.0
"""Times the rate of the best rival."""
STREAMS_AND_CONNECT: Final = "Kafka Streams and Connect"

Rival = Callable[[Log, ClickHouseServer, Path], Stored]
RIVALS: Final[Mapping[str, Rival]] = {STREAMS_AND_CONNECT: store}


@dataclass(frozen=True)
class Storing:
    """What was measured of dompet and, by its name, of each rival; `differences` are sentences, none where all rows of
    all tables are equal.
    """

    events: int
    ours: Sequence[Run]
    rivals: Mapping[str, Sequence[Stored]]
    differences: Sequence[str]

    @property
    def best(self) -> str:
        """The rival with the highest median."""
        return max(self.rivals, key=lambda name: median(run.rate for run in self.rivals[name]))

    @property
    def ratio(self) -> float:
        """How many times as fast dompet is as the best rival, by their medians."""
        return median(run.rate for run in self.ours) / median(run.rate for run in self.rivals[self.best])


def compete(log: Log, scratch: Path, runs: int) -> Storing:
    """So many turns, each on an empty server of its own. Raises BenchError."""
    ours: list[Run] = []
    rivals: dict[str, list[Stored]] = {name: [] for name in RIVALS}
    differences: list[str] = []
    for turn in range(1, runs + 1):
        folder = scratch / f"storing-{turn}"
        folder.mkdir()
        with ClickHouseServer(folder / "clickhouse", http=True) as server, Client.from_url(server.url) as client:
            which = f"storing, run {turn} of {runs}"
            with working(f"{which}: {SERVER.label}"):
                ours.append(_dompet(log, server, folder))
            _tell(which, SERVER.label, ours[-1])
            for name, rival in RIVALS.items():
                with working(f"{which}: {name}"):
                    rivals[name].append(rival(log, server, folder))
                    differences += [f"{name}, run {turn}: {one}" for one in different(client)]
                _tell(which, name, rivals[name][-1])
                client.execute(f"DROP DATABASE {DATABASE}")
    return Storing(log.events, ours, rivals, differences)


def _tell(which: str, name: str, run: Run | Stored) -> None:
    done(f"{which}: {name}: {plural(run.events, 'event')} {speed(run.events, run.seconds)}")


def _dompet(log: Log, server: ClickHouseServer, folder: Path) -> Run:
    @contextmanager
    def into(log: Log, folder: Path) -> Iterator[Command]:
        yield dompet(log, folder, server.url)

    return Contestant(SERVER.name, SERVER.label, into).run(log, folder)


def different(client: Client) -> list[str]:
    """In which columns, and of how many records, the rival's journal is not dompet's: a sentence each."""
    texts = ", ".join(f"ifNull(toString({name}), 'NULL') AS {name}_text" for name in STORED)
    rows = " UNION ALL ".join(
        f"SELECT partition, offset, {texts} FROM {database}.journal_rows FINAL" for database in ("default", DATABASE)
    )
    columns = ", ".join(f"min({name}_text) != max({name}_text) AS {name}_differs" for name in STORED)
    sums = ", ".join(f"sum({name}_differs)" for name in STORED)
    of_record = f"SELECT count() AS journals, {columns} FROM ({rows}) GROUP BY partition, offset"
    ((lacking, *counts),) = client.execute(f"SELECT sum(journals != 2), {sums} FROM ({of_record})")
    found = [f"{plural(lacking, 'record')} in one journal only"] if lacking else []
    return found + [
        f"{name} of {plural(count, 'record')} differs" for name, count in zip(STORED, counts, strict=True) if count
    ]


def show(found: Storing) -> int:
    """Show the rates and what is promised of them; 0 where all is kept."""
    rates: Mapping[str, list[float]] = {
        SERVER.label: [run.rate for run in found.ours],
        **{name: [run.rate for run in runs] for name, runs in found.rivals.items()},
    }
    out.print(rates_page(f"{found.events:,} events, from the log to rows in a ClickHouse server", rates))
    sentence = f"{found.ratio:.2f} times the rate of {found.best}; at least {AT_LEAST:g} are wanted"
    return judged(found) | verdict(sentence, kept=found.ratio >= AT_LEAST)


def judged(found: Storing) -> int:
    """Tell whether all tables are equal; 0 where they are."""
    for difference in found.differences:
        verdict(f"the tables differ: {difference}", kept=False)
    if not found.differences:
        done(f"all tables are equal, row by row, in {len(STORED)} columns")
    return int(bool(found.differences))
