"""What the numbers say: medians, ratios, whether the comparison holds, and which targets are met."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.bench import answers
from tests.bench.contestants import CHDB, FAUST, RAW, SERVER, SIXTEEN, STREAMS, Run
from tests.bench.stages import MOST_US, Profile
from tests.bench.storing import AT_LEAST, Storing
from tests.bench.storing_rival import Stored

STREAMS_WORTHY_FROM: Final = 0.15
"""Of raw reading: what Kafka Streams reached when it was first measured. Below, the rival would be hindered."""
FAUST_WORTHY_FROM: Final = 0.007
QUESTIONS: Final = {
    "wallet": ("a wallet as of a moment", 100),
    "timeline": ("its timeline", 1_000),
    "settlement": ("settlement of a platform's month, compared with the journal", 1_000),
    "funnel": ("funnel by one dimension", 1_000),
    "funnel_view": ("the whole view funnel", 1_000),
}
"""What `answers` asks, in words, and within how many milliseconds the answer is wanted."""

Runs = Mapping[str, Sequence[Run]]
"""The runs of each contestant, by its name."""


@dataclass(frozen=True)
class Rate:
    """Events a second over several runs."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, runs: Sequence[Run | Stored]) -> "Rate":
        """Of at least one run."""
        rates = [run.rate for run in runs]
        return cls(statistics.median(rates), min(rates), max(rates))


@dataclass(frozen=True)
class Target:
    """A number to reach, or one not to exceed."""

    what: str
    measured: float
    bound: float
    form: str = "{:,.0f}"
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.measured <= self.bound if self.at_most else self.measured >= self.bound

    @property
    def wanted(self) -> str:
        """The bound in words."""
        return f"{'≤' if self.at_most else '≥'} {self.form.format(self.bound)}"

    @property
    def found(self) -> str:
        """The measured number."""
        return self.form.format(self.measured)


@dataclass(frozen=True)
class Results:
    """All that one benchmark measured.

    `runs` are of the whole log, and of its beginning for Faust; `expected` is what the model finds in that beginning.
    `sizes` are reports of `memory`, the smallest first. `one_person` is events a second, offline and end to end.
    `sixteen` counts the events of each type on the log of all types; `answers` is the report of `answers`. `storing` is
    of the rivals that store, and of dompet on their log; `profile` of the stages of a worker's work.
    """

    runs: Runs
    expected: Mapping[str, Any]
    start_checks: Sequence[Run]
    log_events: int
    log_people: int
    log_active: int
    one_person: tuple[float, float]
    sizes: Sequence[Mapping[str, Any]]
    sixteen: Mapping[str, int]
    answers: Mapping[str, Any]
    storing: Storing
    profile: Profile
    rates: Mapping[str, Rate] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rates", {name: Rate.of(runs) for name, runs in self.runs.items()})

    def ratio(self, name: str, other: str) -> float:
        """How many times as fast the one is as the other, by their medians."""
        return self.rates[name].median / self.rates[other].median


def disagreements(results: Results) -> list[str]:
    """Where two folds of one log found different things, a sentence each."""
    folds = {name: runs for name, runs in results.runs.items() if name not in (RAW.name, FAUST.name, SIXTEEN.name)}
    first = folds[CHDB.name][0]
    wrong = [
        f"{name}, run {number}: {difference}"
        for name, runs in folds.items()
        for number, run in enumerate(runs, 1)
        if (difference := _difference(run, first.found, first.wallets_digest))
    ]
    every = results.runs[SIXTEEN.name]
    wrong += [
        f"{SIXTEEN.name}, run {number}: {difference}"
        for number, run in enumerate(every, 1)
        if (difference := _difference(run, every[0].found, every[0].wallets_digest))
    ]
    expected = dict(results.expected)
    digest = expected.pop("wallets_digest")
    for who, runs in ((FAUST.name, results.runs[FAUST.name]), (f"{CHDB.name} (log's beginning)", results.start_checks)):
        found = [difference for run in runs if (difference := _difference(run, expected, digest))]
        wrong += [f"{who}, against the model: {difference}" for difference in found]
    return wrong + [f"storing: {difference}" for difference in results.storing.differences]


def _difference(run: Run, found: Mapping[str, int], digest: str) -> str:
    for name, value in found.items():
        if run.found.get(name) != value:
            return f"{name} is {run.found.get(name)}, not {value}"
    return "" if run.wallets_digest == digest else "the sums agree, but not every wallet does"


def hindered(results: Results) -> list[str]:
    """Rivals so slow, against raw reading, that comparing with them would be void; a sentence each."""
    bounds = ((STREAMS, STREAMS_WORTHY_FROM), (FAUST, FAUST_WORTHY_FROM))
    return [
        f"{rival.label}, reached {results.ratio(rival.name, RAW.name):.4f} of raw reading; "
        f"at least {bound} is needed for a fair comparison"
        for rival, bound in bounds
        if results.ratio(rival.name, RAW.name) < bound
    ]


def milliseconds(results: Results, name: str) -> tuple[float, float, float]:
    """What a question took: the median, the least and the most."""
    taken = [1_000 * one for one in results.answers["seconds"][name]]
    return statistics.median(taken), min(taken), max(taken)


def targets(results: Results) -> list[Target]:
    """What dompet is to reach, and the scale at which it is measured."""
    offline, end_to_end = results.one_person
    last = results.sizes[-1]
    costs = [size["later_us"] / results.sizes[0]["later_us"] for size in results.sizes]
    times = "{:.2f} ×"
    return [
        Target("events on the log", results.log_events, 1_000_000),
        Target("people on the log", results.log_people, 200_000),
        Target("people active at the log's middle", results.log_active, 20_000),
        Target("dompet into chDB ÷ Kafka Streams", results.ratio(CHDB.name, STREAMS.name), 1.3, times),
        Target("dompet into chDB ÷ Faust agent", results.ratio(CHDB.name, FAUST.name), 25, "{:.1f} ×"),
        Target(f"{SERVER.label} ÷ the best rival that stores", results.storing.ratio, AT_LEAST, times),
        Target("types on the log of all types", len(results.sixteen), 16),
        Target("all sixteen types ÷ the five, into chDB", results.ratio(SIXTEEN.name, CHDB.name), 0.6, times),
        Target("processor time of an event of all types", results.profile.total_us, MOST_US, "{:.2f} µs", at_most=True),
        Target("one person's 50,000 events as one batch, bytes to journal rows, events/s", offline, 10_000),
        Target("the same through Kafka into chDB, events/s", end_to_end, 10_000),
        Target("wallets when memory is measured", last["wallets"], 1_000_000),
        Target("resident bytes a wallet, with its 1.5 orders", last["bytes_per_wallet"], 600, at_most=True),
        Target("highest cost of an event ÷ cost at 10,000 wallets", max(costs), 1.3, times, at_most=True),
        Target("lowest cost of an event ÷ cost at 10,000 wallets", min(costs), 0.7, times),
        Target("rows of the journal that is asked", results.answers["rows"], answers.ROWS),
        *(
            Target(what, milliseconds(results, name)[0], limit, "{:,.0f} ms", at_most=True)
            for name, (what, limit) in QUESTIONS.items()
        ),
    ]
