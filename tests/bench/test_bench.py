"""What the benchmark makes of its numbers."""

import xml.etree.ElementTree as ET
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from tests.bench.chart import Bar, svg
from tests.bench.contestants import CHDB, FAUST, RAW, SERVER, SIXTEEN, STREAMS, Run
from tests.bench.report import Setting, chart, faults, markdown, readme, terminal
from tests.bench.stages import Profile
from tests.bench.storing import STREAMS_AND_CONNECT, Storing
from tests.bench.storing_rival import Stored
from tests.bench.verdicts import Rate, Results, Target, disagreements, hindered, targets

EVENTS, START = 1_000_000, 100_000
RATES = {
    RAW: (400_000, 500_000, 450_000),
    CHDB: (130_000, 110_000, 120_000),
    SIXTEEN: (80_000, 75_000, 85_000),
    SERVER: (100_000, 90_000, 95_000),
    STREAMS: (80_000, 70_000, 81_000),
    FAUST: (3_500, 3_600, 3_400),
}
FOUND = {"events": EVENTS, "accepted": 900_000, "balance": 12_345}
START_FOUND = {"events": START, "accepted": 95_000, "balance": 678}
SETTING = Setting("make bench", "2026-01-31", "4 cores", "Python 3.11.2", START, 42.0, {"SaldoCredited": EVENTS})

ANSWERS = {
    **{"wallet": [0.09, 0.08, 0.2], "timeline": [0.05]},
    **{"settlement": [0.9], "funnel": [0.5], "funnel_view": [0.99]},
}
ANSWERED = {"rows": 10_000_000, "people": 1_000_000, "filling_seconds": 60.0, "seconds": ANSWERS}


def run(events: int, rate: float, found: dict[str, int], digest: str) -> Run:
    return Run(events, events / rate, 2.0, 500_000_000, found, digest)


def results(**changed: Any) -> Results:
    runs = {
        one.name: [
            run(START, rate, START_FOUND, "start") if one is FAUST else run(EVENTS, rate, FOUND, "all")
            for rate in rates
        ]
        for one, rates in RATES.items()
    }
    found = [
        {"wallets": 10_000, "orders": 15_000, "bytes_per_wallet": 700.0, "first_us": 4.0, "later_us": 3.0},
        {"wallets": 1_000_000, "orders": 1_500_000, "bytes_per_wallet": 530.0, "first_us": 4.1, "later_us": 3.6},
    ]
    values: dict[str, Any] = {
        "runs": runs,
        "expected": START_FOUND | {"wallets_digest": "start"},
        "start_checks": [run(START, 120_000, START_FOUND, "start")],
        "log_events": EVENTS,
        "log_people": 200_000,
        "log_active": 130_000,
        "one_person": (12_000.0, 11_000.0),
        "sizes": found,
        "sixteen": {f"Type{number}": EVENTS for number in range(16)},
        "answers": ANSWERED,
        "storing": stored(5.0),
        "profile": Profile(400_000, {"fold": 1.2, "insert: journal_rows": 1.8, "all else": 0.1}),
    }
    return Results(**(values | changed))


def stored(times: float, *differences: str) -> Storing:
    ours = [run(250_000, rate, {}, "") for rate in (100_000, 120_000)]
    theirs = [Stored(250_000, 250_000 * times / 110_000, 5.0, 500_000_000)]
    return Storing(250_000, ours, {STREAMS_AND_CONNECT: theirs}, differences)


def with_runs(name: str, runs: list[Run]) -> Results:
    return results(runs={**results().runs, name: runs})


def shown(some: Results) -> str:
    console = Console(width=160, file=StringIO())
    with console.capture() as captured:
        for table in terminal(some):
            console.print(table)
    return captured.get()


def test_a_rate_is_the_median_of_its_runs_and_their_range() -> None:
    runs = [run(EVENTS, rate, FOUND, "all") for rate in (90_000, 120_000, 100_000)]
    rate = Rate.of(runs)
    assert (round(rate.median), round(rate.low), round(rate.high)) == (100_000, 90_000, 120_000)


def test_ratios_are_of_medians() -> None:
    assert results().ratio(CHDB.name, STREAMS.name) == pytest.approx(120_000 / 80_000)
    assert results().ratio(CHDB.name, FAUST.name) == pytest.approx(120_000 / 3_500)


def test_folds_that_agree_and_rivals_that_keep_up_leave_nothing_to_say() -> None:
    assert faults(results()) == []


def test_a_slow_kafka_streams_makes_the_comparison_void() -> None:
    slow = with_runs(STREAMS.name, [run(EVENTS, 67_000, FOUND, "all")])
    assert hindered(slow) == [
        "Kafka Streams, fold only, reached 0.1489 of raw reading; at least 0.15 is needed for a fair comparison"
    ]
    assert faults(slow)[0].startswith("comparison void: ")


def test_a_slow_faust_agent_makes_the_comparison_void() -> None:
    assert len(hindered(with_runs(FAUST.name, [run(START, 3_149, START_FOUND, "start")]))) == 1
    assert hindered(with_runs(FAUST.name, [run(START, 3_151, START_FOUND, "start")])) == []


def test_a_void_comparison_says_so_wherever_it_is_shown() -> None:
    slow = with_runs(FAUST.name, [run(START, 1_000, START_FOUND, "start")])
    assert "comparison void: Faust agent" in markdown(slow, SETTING)
    assert "comparison void: Faust agent" in readme(slow, SETTING)


def test_another_sum_or_another_wallet_is_a_disagreement() -> None:
    other = with_runs(STREAMS.name, [run(EVENTS, 80_000, FOUND | {"balance": 12_346}, "all")])
    assert disagreements(other) == ["streams, run 1: balance is 12346, not 12345"]
    swapped = with_runs(SERVER.name, [run(EVENTS, 80_000, FOUND, "all"), run(EVENTS, 80_000, FOUND, "else")])
    assert disagreements(swapped) == ["server, run 2: the sums agree, but not every wallet does"]
    assert "same wallets" not in readme(swapped, SETTING)


def test_the_faust_agent_and_dompet_are_compared_with_the_model_on_the_logs_beginning() -> None:
    wrong = with_runs(FAUST.name, [run(START, 3_500, START_FOUND | {"accepted": 1}, "start")])
    assert disagreements(wrong) == ["faust, against the model: accepted is 1, not 95000"]
    ours = results(start_checks=[run(START, 120_000, START_FOUND, "else")])
    assert disagreements(ours) == [
        "chdb (log's beginning), against the model: the sums agree, but not every wallet does"
    ]


def test_every_target_is_met_by_the_numbers_above_and_missed_by_worse_ones() -> None:
    assert [target.what for target in targets(results()) if not target.met] == []
    worse = results(
        runs={
            name: runs if name != CHDB.name else [run(EVENTS, 80_000, FOUND, "all")]
            for name, runs in results().runs.items()
        },
        log_active=19_999,
        one_person=(9_999.0, 9_999.0),
        sizes=[
            {"wallets": 10_000, "orders": 15_000, "bytes_per_wallet": 0, "first_us": 4.0, "later_us": 3.0},
            {"wallets": 100_000, "orders": 150_000, "bytes_per_wallet": 601, "first_us": 4.0, "later_us": 4.0},
        ],
    )
    missed = [target for target in targets(worse) if not target.met]
    assert len(missed) == 8
    assert shown(worse).count("✗") == 8


def test_a_target_at_most_is_met_at_its_bound() -> None:
    assert Target("bytes", 600, 600, at_most=True).met
    assert not Target("bytes", 600.1, 600, at_most=True).met
    assert Target("rate", 10_000, 10_000).wanted == "≥ 10,000"


def test_the_report_names_every_contestant_and_the_setting() -> None:
    page = markdown(results(), SETTING)
    for text in ("make bench", "2026-01-31", "4 cores", "120,000", "0.0078", "34.29 ×", "1,000,000", "500 MB"):
        assert text in page
    for contestant in RATES:
        assert contestant.label in page and contestant.label in shown(results())


def test_the_chart_is_well_formed_and_its_bars_are_as_long_as_their_medians() -> None:
    bars = [Bar("x<y", "ours", 50, 40, 60), Bar("z", "theirs", 100, 90, 110)]
    tree = ET.fromstring(svg("a < b & c", ["note"], bars))  # noqa: S314 - the text is our own
    widths = [float(one.attrib["width"]) for one in tree.iter() if one.attrib.get("class") in ("ours", "theirs")]
    assert widths[0] == pytest.approx(2 * widths[1], rel=0.01)
    assert ET.fromstring(chart(results())).tag.endswith("svg")  # noqa: S314
