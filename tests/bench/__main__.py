"""`python -m tests.bench`: measure, show, and write the report."""

import argparse
import logging
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from dompet.schemas.errors import DompetError
from dompet.streams.terminal.console import done, note, out
from dompet.streams.terminal.figures import Stopwatch
from tests.bench.contestants import SCRATCH
from tests.bench.machine import machine, versions
from tests.bench.measure import Plan, measure
from tests.bench.needs import missing
from tests.bench.parts import PARTS
from tests.bench.processes import ROOT, BenchError
from tests.bench.publish import Log
from tests.bench.report import OURS, Setting, chart, faults, markdown, readme, terminal
from tests.bench.verdicts import Results, disagreements

QUICK = Plan(
    people=2_000,
    faust_events=2_000,
    sixteen_events=5_000,
    runs=1,
    wallets=20_000,
    one_person_events=2_000,
    rows=100_000,
    storing_events=20_000,
    storing_runs=1,
)
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def main() -> int:
    """0; 1 where the folds disagree or the comparison is void; 2 and a sentence where it cannot be measured."""
    options = _options()
    for name in [name for name in os.environ if name.startswith("DOMPET_")]:
        del os.environ[name]  # what is measured is dompet as it comes
    logging.getLogger("rdkafka").setLevel(logging.CRITICAL)
    if lacking := missing(SCRATCH, options.only):
        for sentence in lacking:
            print(f"bench: {sentence}", file=sys.stderr)
        return 2
    watch = Stopwatch()
    try:
        if options.only:
            return PARTS[options.only](options)
        results, log = measure(_plan(options))
    except (BenchError, DompetError, RuntimeError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    for table in terminal(results):
        out.print(table)
    wrong = disagreements(results) if options.quick else faults(results)
    for sentence in wrong:
        note(sentence)
    if not wrong:
        done("all folds agree on every wallet")
    if options.quick:
        note("a quick run: its rates mean nothing, so no rival is judged and nothing is written")
    else:
        _write(results, log, options.output)
    done(f"all of it took {watch.seconds / 60:.1f} minutes")
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="dompet beside its rivals.")
    plan = Plan()
    parser.add_argument("--only", choices=list(PARTS), default="", help="measure this part alone")
    parser.add_argument("--people", type=int, help=f"people of the programme (default {plan.people:,})")
    parser.add_argument("--events", type=int, help="publish no more than so many events (default: all)")
    parser.add_argument("--faust-events", type=int, help=f"events for the Faust agent (default {plan.faust_events:,})")
    parser.add_argument(
        "--sixteen-events", type=int, help=f"about so many of all types (default {plan.sixteen_events:,})"
    )
    parser.add_argument("--rows", type=int, help=f"rows of the journal that is asked (default {plan.rows:,})")
    parser.add_argument("--runs", type=int, help=f"runs of each contestant (default {plan.runs})")
    parser.add_argument("--wallets", type=int, help=f"wallets for memory and cost (default {plan.wallets:,})")
    parser.add_argument("--quick", action="store_true", help="very little of everything, to see that all parts work")
    parser.add_argument("--output", type=Path, default=ROOT / "docs", help="folder of the report (default docs)")
    return parser.parse_args()


def _plan(options: argparse.Namespace) -> Plan:
    names = ("people", "events", "faust_events", "sixteen_events", "runs", "wallets", "rows")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    wrong = [name for name, value in given.items() if value < 1]
    if wrong:
        raise BenchError(f"--{wrong[0].replace('_', '-')} is {given[wrong[0]]}; it must be at least 1")
    return replace(QUICK if options.quick else Plan(), **given)


def _write(results: Results, log: Log, folder: Path) -> None:
    setting = Setting(
        command="make bench" if len(sys.argv) == 1 else f"python -m tests.bench {' '.join(sys.argv[1:])}",
        date=date.today().isoformat(),
        machine=machine(),
        versions=versions(results.runs[one.name][0].warehouse for one in OURS),
        faust_events=results.expected["events"],
        publishing_seconds=log.seconds,
        types=log.types,
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmark.md").write_text(markdown(results, setting), "utf-8")
    (folder / "benchmark.svg").write_text(chart(results), "utf-8")
    done(f"wrote {folder / 'benchmark.md'} and benchmark.svg")
    page = ROOT / "README.md"
    if folder.resolve() == ROOT / "docs" and page.exists():
        page.write_text(with_part(page.read_text("utf-8"), readme(results, setting)), "utf-8")
        done("wrote the README's table")


def with_part(page: str, part: str) -> str:
    """The page with the part between the markers, where they are; without them, the page as it is."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n{part}{end}{after}" if begin and end else page


if __name__ == "__main__":
    sys.exit(main())
