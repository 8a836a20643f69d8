"""The whole measurement: a broker, the logs, the runs in turn, and the cases beside them."""

import hashlib
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from dompet.infra.broker import LocalBroker
from dompet.streams.demo.programme.programme import count as programme_size
from dompet.streams.demo.programme.programme import programme_fields
from dompet.streams.terminal.console import done, working
from dompet.streams.terminal.figures import count, plural, speed
from tests.bench import answers, one_person, stages, storing
from tests.bench.contestants import CHDB, FAUST, RAW, SCRATCH, SERVER, SIXTEEN, STREAMS, Contestant, Run, build_rivals
from tests.bench.processes import run
from tests.bench.publish import Fields, Log, publish
from tests.bench.rules_rival import RULE_OF
from tests.bench.stages import Profile
from tests.bench.storing import Storing
from tests.bench.verdicts import Results
from tests.model import Model, Rulebook

SEED = 2020
FIVE = frozenset(RULE_OF)
"""The types that the rivals know."""
_SAMPLE = 1_000


@dataclass(frozen=True)
class Plan:
    """How much is measured. `events` bounds the log, where it is given; `sixteen_events` is about."""

    people: int = 210_000
    events: int | None = None
    faust_events: int = 100_000
    sixteen_events: int = 500_000
    runs: int = 3
    wallets: int = 1_000_000
    one_person_events: int = one_person.EVENTS
    rows: int = answers.ROWS
    storing_events: int = storing.EVENTS
    storing_runs: int = storing.RUNS


def measure(plan: Plan) -> tuple[Results, Log]:
    """Everything, and the log that it was measured on; whatever is started ends with it. Raises BenchError."""
    SCRATCH.mkdir(exist_ok=True)
    with working("building the rivals in Java"):
        build_rivals()
    sizes = _alone("memory", "--wallets", str(plan.wallets))
    done(f"memory: {sizes[-1]['bytes_per_wallet']:,.0f} bytes a wallet at {count(plan.wallets)} wallets")
    offline = _alone("one_person", str(plan.one_person_events))
    done(f"one person, bytes to journal rows: {plural(offline['events'], 'event')} {_in(offline['seconds'], offline)}")
    asked = _answers(plan.rows)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=SCRATCH) as home,
        LocalBroker(Path(home) / "kafka", 0, libs=SCRATCH / "kafka-libs") as broker,
    ):
        rate = offline["events"] / offline["seconds"]
        return _with_kafka(plan, broker.bootstrap, Path(home), sizes, rate, asked)


def _with_kafka(
    plan: Plan, bootstrap: str, scratch: Path, sizes: Any, offline_rate: float, asked: Any
) -> tuple[Results, Log]:
    log = publish_programme(bootstrap, "bench.all", plan.people, plan.events)
    start = publish_programme(bootstrap, "bench.start", plan.people, plan.faust_events)
    sixteen = _publish_sixteen(bootstrap, plan.sixteen_events)
    one = publish(bootstrap, "bench.one-person", one_person.events(plan.one_person_events), plan.one_person_events)
    busy = _run(CHDB, one, scratch, "one person")
    with working("a worker's work, stage by stage"):
        profile = stages.profile(sixteen, scratch)
    runs: dict[str, list[Run]] = {contestant.name: [] for contestant in (RAW, CHDB, SIXTEEN, SERVER, STREAMS, FAUST)}
    checks = [_run(CHDB, start, scratch, "the log's beginning")]
    own = {FAUST.name: start, SIXTEEN.name: sixteen}
    for turn in range(1, plan.runs + 1):
        for contestant in (RAW, CHDB, SIXTEEN, STREAMS, SERVER, FAUST):
            of = own.get(contestant.name, log)
            runs[contestant.name].append(_run(contestant, of, scratch, f"run {turn} of {plan.runs}"))
    with working("folding the log's beginning by the model"):
        expected = modelled(islice(programme_fields(plan.people, SEED, types=FIVE), plan.faust_events))
    stored = storing.compete(_publish_storing(bootstrap, plan.storing_events), scratch, plan.storing_runs)
    rates, size = (offline_rate, busy.rate), (log.events, log.people, log.active)
    return Results(runs, expected, checks, *size, rates, sizes, sixteen.types, asked, stored, profile), log


def measure_storing(events: int, runs: int) -> Storing:
    """The rivals that store, beside dompet, on a log of so many events. Raises BenchError."""
    SCRATCH.mkdir(exist_ok=True)
    with working("building the rivals in Java"):
        build_rivals()
    with (
        tempfile.TemporaryDirectory(prefix="bench-storing-", dir=SCRATCH) as home,
        LocalBroker(Path(home) / "kafka", 0, libs=SCRATCH / "kafka-libs") as broker,
    ):
        return storing.compete(_publish_storing(broker.bootstrap, events), Path(home), runs)


def measure_stages(events: int) -> Profile:
    """A worker's work on a log of about so many events, stage by stage. Raises BenchError."""
    SCRATCH.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bench-stages-", dir=SCRATCH) as home,
        LocalBroker(Path(home) / "kafka", 0, libs=SCRATCH / "kafka-libs") as broker,
    ):
        log = _publish_sixteen(broker.bootstrap, events)
        with working("a worker's work, stage by stage"):
            return stages.profile(log, Path(home))


def _publish_storing(bootstrap: str, events: int) -> Log:
    """The beginning of a programme of so many people that it goes on for long after."""
    return publish_programme(bootstrap, "bench.storing", events // 4 + 1, events)


def publish_programme(bootstrap: str, topic: str, people: int, events: int | None = None) -> Log:
    """The programme of so many people, of the five types, or its first events; what was published is returned."""
    expected = events or programme_size(people, SEED, types=FIVE)
    log = publish(bootstrap, topic, islice(programme_fields(people, SEED, types=FIVE), events), expected)
    _report(log)
    return log


def _publish_sixteen(bootstrap: str, events: int) -> Log:
    """A whole programme of all types, of about so many events."""
    people = max(events * _SAMPLE // programme_size(_SAMPLE, SEED), 1)
    log = publish(bootstrap, "bench.sixteen", programme_fields(people, SEED), events)
    _report(log)
    return log


def _report(log: Log) -> None:
    people = f"{plural(log.people, 'person').replace('persons', 'people')}, {count(log.active)} active at the middle"
    done(f"published {plural(log.events, 'event')} of {people}, {speed(log.events, log.seconds)}")


def _run(contestant: Contestant, log: Log, scratch: Path, which: str) -> Run:
    with working(f"{which}: {contestant.label}"):
        found = contestant.run(log, scratch)
    done(f"{which}: {contestant.label}: {plural(found.events, 'event')} {speed(found.events, found.seconds)}")
    return found


def _alone(module: str, *arguments: str) -> Any:
    """The answer of a module of the benchmark that is run as a process of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-run-", dir=SCRATCH) as folder, working(f"measuring: {module}"):
        return run(module, [sys.executable, "-m", f"tests.bench.{module}", *arguments], Path(folder) / "log")[0]


def _answers(rows: int) -> Any:
    """What `answers` measures, in a process and a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-run-", dir=SCRATCH) as folder, working("asking a large journal"):
        place = Path(folder)
        module = ("-m", "tests.bench.answers")
        command: list[str | Path] = [sys.executable, *module, place / "warehouse", "--rows", str(rows)]
        asked = run("answers", command, place / "log")[0]
    done(f"answers: a journal of {plural(asked['rows'], 'row')}, made in {asked['filling_seconds']:.0f} s")
    return asked


def _in(seconds: float, offline: Mapping[str, int]) -> str:
    return speed(offline["events"], seconds)


def modelled(events: Iterable[tuple[str, Fields]]) -> dict[str, Any]:
    """What the one-event-at-a-time model of the tests makes of events, as the contestants report it."""
    model, outcomes = Model(Rulebook.load()), Counter[str]()
    for type_name, fields in events:
        outcomes[model.apply({"type": type_name, **fields}).outcome] += 1
    wallets = model.wallets.values()
    sums = ("credited", "spent", "refunded", "returned", "balance", "purchases", "open_orders")
    lines = sorted(
        f"{name},{w.balance},{w.status},{w.purchases},{w.open_orders}\n" for name, w in model.wallets.items()
    )
    return {
        "events": outcomes.total(),
        **{outcome: outcomes[outcome] for outcome in ("accepted", "duplicate", "rejected", "dead")},
        **{name: sum(getattr(wallet, name) for wallet in wallets) for name in sums},
        "wallets": len(wallets),
        "wallets_digest": hashlib.sha256("".join(lines).encode()).hexdigest(),
    }
