"""The report: one table for the terminal and for Markdown, and what was measured, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.table import Table

from dompet.projections.columns import COLUMNS
from tests.bench.chart import Bar, svg
from tests.bench.contestants import CHDB, FAUST, RAW, SERVER, SIXTEEN, STREAMS, Contestant
from tests.bench.stages import HEADINGS as STAGE_HEADINGS
from tests.bench.storing_rival import STORED
from tests.bench.verdicts import QUESTIONS, Rate, Results, disagreements, hindered, milliseconds, targets

CONTESTANTS: Final = (RAW, CHDB, SIXTEEN, SERVER, STREAMS, FAUST)
OURS: Final = (CHDB, SIXTEEN, SERVER)
_TEMPLATE: Final = Path(__file__).with_name("report.md")
HEADINGS: Final = ("", "events/s", "lowest – highest", "÷ raw reading", "dompet into chDB ÷ it", "memory at most")

STORING_HEADINGS: Final = ("", "events/s", "lowest – highest", f"{SERVER.label} ÷ it")
ANSWER_HEADINGS: Final = ("question", "at most", "median", "lowest – highest", "")


@dataclass(frozen=True)
class Setting:
    """Where, when and how it was measured."""

    command: str
    date: str
    machine: str
    versions: str
    faust_events: int
    publishing_seconds: float
    types: Mapping[str, int]


def rows(results: Results) -> Iterable[tuple[str, ...]]:
    """A row for each contestant."""
    for one in CONTESTANTS:
        rate = results.rates[one.name]
        peak = max(run.peak_bytes for run in results.runs[one.name])
        yield (
            one.label,
            f"{rate.median:,.0f}",
            f"{rate.low:,.0f} – {rate.high:,.0f}",
            f"{results.ratio(one.name, RAW.name):.4f}" if one is FAUST else f"{results.ratio(one.name, RAW.name):.2f}",
            f"{results.ratio(CHDB.name, one.name):.2f} ×",
            f"{peak / 1e6:,.0f} MB",
        )


def faults(results: Results) -> list[str]:
    """Why the comparison does not hold; none where it does."""
    wrong = [f"the folds do not agree: {sentence}" for sentence in disagreements(results)]
    return wrong + [f"comparison void: {sentence}" for sentence in hindered(results)]


def terminal(results: Results) -> list[Table]:
    """The tables for a person at a terminal."""
    speed = Table(title="Speed, medians", title_justify="left")
    for heading in HEADINGS:
        speed.add_column(heading, justify="right" if heading else "left")
    for row in rows(results):
        speed.add_row(*row, style="bold" if row[0] == CHDB.label else "")
    goals = Table("target", "wanted", "measured", "", title="Targets", title_justify="left")
    for target in targets(results):
        goals.add_row(target.what, target.wanted, target.found, "[green]✓" if target.met else "[red]✗")
    answers = Table(title=f"Answers on {results.answers['rows']:,} rows", title_justify="left")
    for heading in ANSWER_HEADINGS:
        answers.add_column(heading, justify="right" if heading != ANSWER_HEADINGS[0] else "left")
    for row in answer_rows(results):
        answers.add_row(*row)
    return [speed, goals, answers]


def _table(headings: Sequence[str], lines: Iterable[tuple[str, ...]]) -> str:
    ruler = ["---", *["---:"] * (len(headings) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, ruler, *lines))


def speed_table(results: Results) -> str:
    """The contestants in Markdown, dompet's own in bold."""
    ours = {one.label for one in OURS}
    lines = (tuple(f"**{cell}**" for cell in row[:2]) + row[2:] if row[0] in ours else row for row in rows(results))
    return _table(HEADINGS, lines)


def _sizes_table(results: Results) -> str:
    headings = ("wallets", "orders", "resident bytes a wallet", "CPU µs, later event", "CPU µs, first events")
    lines = (
        (
            f"{size['wallets']:,}",
            f"{size['orders']:,}",
            f"{size['bytes_per_wallet']:,.0f}",
            f"{size['later_us']:.2f}",
            f"{size['first_us']:.2f}",
        )
        for size in results.sizes
    )
    return _table(headings, lines)


def storing_rows(results: Results) -> Iterable[tuple[str, ...]]:
    """A row for dompet and for each rival that stores."""
    ours = Rate.of(results.storing.ours)
    rivals = {name: Rate.of(runs) for name, runs in results.storing.rivals.items()}
    for name, rate in {SERVER.label: ours, **rivals}.items():
        ratio = ours.median / rate.median
        yield name, f"{rate.median:,.0f}", f"{rate.low:,.0f} – {rate.high:,.0f}", f"{ratio:.2f} ×"


def answer_rows(results: Results) -> Iterable[tuple[str, ...]]:
    """A row for each question."""
    for name, (what, limit) in QUESTIONS.items():
        median, low, high = milliseconds(results, name)
        yield what, f"{limit:,} ms", f"{median:,.0f} ms", f"{low:,.0f} – {high:,.0f}", "✓" if median <= limit else "✗"


def readme(results: Results, setting: Setting) -> str:
    """What the README shows."""
    void = "".join(f"**{fault}**\n\n" for fault in faults(results))
    agreed = "" if disagreements(results) else " All folds end with the same wallets."
    last, (offline, _) = results.sizes[-1], results.one_person
    return f"""![Events a second of dompet and of what it is compared with](docs/benchmark.svg)

{void}{speed_table(results)}

{results.log_events:,} events of {results.log_people:,} people, from one Kafka on the same machine ({setting.machine}).
dompet stores every event; the rivals only fold.{agreed}
{_storing_line(results)}
State takes {last["bytes_per_wallet"]:,.0f} bytes a wallet with its 1.5 orders, at {last["wallets"]:,} wallets.
One person's 50,000 events in one batch fold at {offline:,.0f} a second.
On a journal of {results.answers["rows"]:,} rows, {_answers_line(results)}.
`make bench` measures again; [docs/benchmark.md](docs/benchmark.md) says what and how.
"""


def _storing_line(results: Results) -> str:
    found, ours = results.storing, Rate.of(results.storing.ours)
    agreed = "" if found.differences else ", with equal tables at the end"
    return f"""A rival that stores the same rows in the same ClickHouse server, {found.best}, takes in
{Rate.of(found.rivals[found.best]).median:,.0f} events a second; dompet into that server takes in {ours.median:,.0f} \
({found.ratio:.1f} ×){agreed}."""


def _answers_line(results: Results) -> str:
    taken = [f"{milliseconds(results, name)[0]:,.0f} ms" for name in ("wallet", "timeline", "settlement", "funnel")]
    return "a wallet as of a moment takes {}, its timeline {}, settlement of a month {}, the funnel {}".format(*taken)


def chart(results: Results) -> str:
    """The chart of the contestants."""
    runs = len(results.runs[CHDB.name])
    return svg(
        "Events a second, one machine",
        [
            f"Medians of {runs} runs in turn; the line spans the lowest and the highest.",
            "dompet decodes, folds and stores every event; the rivals only fold; raw reading does nothing else.",
        ],
        [_bar(results, one) for one in CONTESTANTS],
    )


def _bar(results: Results, one: Contestant) -> Bar:
    rate = results.rates[one.name]
    kind = "ours" if one in OURS else "reading" if one is RAW else "theirs"
    return Bar(one.label, kind, rate.median, rate.low, rate.high)


def markdown(results: Results, setting: Setting) -> str:
    """The report."""
    marks = {True: "✓", False: "✗"}
    goals = ((goal.what, goal.wanted, goal.found, marks[goal.met]) for goal in targets(results))
    void = "".join(f"**{fault}**\n\n" for fault in faults(results))
    return _TEMPLATE.read_text("utf-8").format(
        void=void,
        speed=speed_table(results),
        goals=_table(("target", "wanted", "measured", ""), goals),
        sizes=_sizes_table(results),
        answers=_table(ANSWER_HEADINGS, answer_rows(results)),
        stages=_table(STAGE_HEADINGS, results.profile.rows()),
        storing=_table(STORING_HEADINGS, storing_rows(results)),
        storing_runs=len(results.storing.ours),
        stored_columns=len(STORED),
        columns=len(COLUMNS),
        sixteen=_table(("type", "events"), ((name, f"{count:,}") for name, count in sorted(results.sixteen.items()))),
        sixteen_events=sum(results.sixteen.values()),
        runs=len(results.runs[CHDB.name]),
        types=_table(("type", "events"), ((name, f"{count:,}") for name, count in sorted(setting.types.items()))),
        results=results,
        setting=setting,
    )
