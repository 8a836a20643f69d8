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
from dompet.streams.console import count, done, plural, speed, working
from dompet.streams.demo.programme import count as programme_size
from dompet.streams.demo.programme import programme_fields
from tests.bench import one_person
from tests.bench.contestants import CHDB, FAUST, RAW, SCRATCH, SERVER, STREAMS, Contestant, Run, build_rival
from tests.bench.processes import run
from tests.bench.publish import Fields, Log, publish
from tests.bench.verdicts import Results
from tests.model import Model, Rulebook

SEED = 2020


@dataclass(frozen=True)
class Plan:
    """How much is measured. `events` bounds the log, where it is given."""

    people: int = 210_000
    events: int | None = None
    faust_events: int = 100_000
    runs: int = 3
    wallets: int = 1_000_000
    one_person_events: int = one_person.EVENTS


def measure(plan: Plan) -> tuple[Results, Log]:
    """Everything, and the log that it was measured on; whatever is started ends with it. Raises BenchError."""
    SCRATCH.mkdir(exist_ok=True)
    with working("building the Kafka Streams rival"):
        build_rival()
    sizes = _alone("memory", "--wallets", str(plan.wallets))
    done(f"memory: {sizes[-1]['bytes_per_wallet']:,.0f} bytes a wallet at {count(plan.wallets)} wallets")
    offline = _alone("one_person", str(plan.one_person_events))
    done(f"one person, bytes to journal rows: {plural(offline['events'], 'event')} {_in(offline['seconds'], offline)}")
    with (
        tempfile.TemporaryDirectory(prefix="bench-kafka-", dir=SCRATCH) as home,
        LocalBroker(Path(home), 0, libs=SCRATCH / "kafka-libs") as broker,
    ):
        return _with_kafka(plan, broker.bootstrap, sizes, offline["events"] / offline["seconds"])


def _with_kafka(plan: Plan, bootstrap: str, sizes: Any, offline_rate: float) -> tuple[Results, Log]:
    log = _publish(bootstrap, "bench.all", plan, plan.events, programme_size(plan.people, SEED))
    start = _publish(bootstrap, "bench.start", plan, plan.faust_events, plan.faust_events)
    one = publish(bootstrap, "bench.one-person", one_person.events(plan.one_person_events), plan.one_person_events)
    busy = _run(CHDB, one, "one person")
    runs: dict[str, list[Run]] = {contestant.name: [] for contestant in (RAW, CHDB, SERVER, STREAMS, FAUST)}
    checks = [_run(CHDB, start, "the log's beginning")]
    for turn in range(1, plan.runs + 1):
        for contestant in (RAW, CHDB, STREAMS, SERVER, FAUST):
            own = start if contestant is FAUST else log
            runs[contestant.name].append(_run(contestant, own, f"run {turn} of {plan.runs}"))
    with working("folding the log's beginning by the model"):
        expected = modelled(islice(programme_fields(plan.people, SEED), plan.faust_events))
    rates = (offline_rate, busy.rate)
    return Results(runs, expected, checks, log.events, log.people, log.active, rates, sizes), log


def _publish(bootstrap: str, topic: str, plan: Plan, events: int | None, expected: int) -> Log:
    log = publish(bootstrap, topic, islice(programme_fields(plan.people, SEED), events), events or expected)
    people = f"{plural(log.people, 'person').replace('persons', 'people')}, {count(log.active)} active at the middle"
    done(f"published {plural(log.events, 'event')} of {people}, {speed(log.events, log.seconds)}")
    return log


def _run(contestant: Contestant, log: Log, which: str) -> Run:
    with working(f"{which}: {contestant.label}"):
        found = contestant.run(log)
    done(f"{which}: {contestant.label}: {plural(found.events, 'event')} {speed(found.events, found.seconds)}")
    return found


def _alone(module: str, *arguments: str) -> Any:
    """The answer of a module of the benchmark that is run as a process of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-run-", dir=SCRATCH) as folder, working(f"measuring: {module}"):
        return run(module, [sys.executable, "-m", f"tests.bench.{module}", *arguments], Path(folder) / "log")[0]


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
