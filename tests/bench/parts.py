"""The parts of the benchmark that `--only` names: what each one measures, shows, and ends with."""

import argparse
from collections.abc import Callable, Mapping
from typing import Final

from dompet.streams.terminal.console import working
from tests.bench import analysts, engine, gateway, pages, pages_shown, publishing, router, stages, storing
from tests.bench.measure import Plan, measure_stages, measure_storing


def _publishing(options: argparse.Namespace) -> int:
    """The part `publishing`; 1 where less is reached than is promised, unless it is a quick run."""
    events, runs = (
        (20_000, 1) if options.quick else (options.events or publishing.EVENTS, options.runs or publishing.RUNS)
    )
    with working("publishing, each way in turn"):
        found = publishing.measure(events, runs)
    code = publishing.show(found)
    return 0 if options.quick else code


def _engine(options: argparse.Namespace) -> int:
    """The part `engine`; 1 where less is reached than is promised, unless it is a quick run."""
    rows, runs = (20_000, 1) if options.quick else (options.rows or engine.ROWS, options.runs or engine.RUNS)
    with working("the engine and chDB itself, in turn"):
        found = engine.measure(rows, runs)
    code = engine.show(found, rows)
    return 0 if options.quick else code


def _pages(options: argparse.Namespace) -> int:
    """The part `pages`; 1 where less is reached than is promised, unless it is a quick run."""
    rows = 20_000 if options.quick else options.rows or pages.ROWS
    readers, watchers = (8, 20) if options.quick else (pages.READERS, pages.WATCHERS)
    with working(f"pages on {rows:,} rows"):
        found = pages.measure(rows, readers, watchers)
    code = pages_shown.show(found, rows, readers, watchers)
    return 0 if options.quick else code


def _analysts(options: argparse.Namespace) -> int:
    """The part `analysts`; 1 where less is reached than is promised, unless it is a quick run."""
    events, number = (20_000, 4) if options.quick else (options.events or analysts.EVENTS, analysts.ANALYSTS)
    with working(f"{number} analysts beside a worker"):
        found = analysts.measure(events, number)
    code = analysts.show(found, number)
    return 0 if options.quick else code


def _gateway(options: argparse.Namespace) -> int:
    """The part `gateway`; 1 where less is reached than is promised, unless it is a quick run."""
    with working("a gateway, and a plain producer"):
        found = gateway.measure(2.0 if options.quick else gateway.SECONDS)
    code = gateway.show(found)
    return 0 if options.quick else code


def _router(options: argparse.Namespace) -> int:
    """The part `router`; 1 where less is reached than is promised, unless it is a quick run."""
    events, runs = (200_000, 1) if options.quick else (options.events or router.EVENTS, options.runs or router.RUNS)
    with working("a router, and a plain copy"):
        found = router.measure(events, runs)
    code = router.show(found)
    return 0 if options.quick else code


def _storing(options: argparse.Namespace) -> int:
    """The part `storing`; 1 where tables differ, or less is reached than is promised, unless it is a quick run."""
    events, runs = (20_000, 1) if options.quick else (options.events or storing.EVENTS, options.runs or storing.RUNS)
    found = measure_storing(events, runs)
    code = storing.show(found)
    return int(bool(found.differences)) if options.quick else code


def _stages(options: argparse.Namespace) -> int:
    """The part `stages`; 1 where more is taken than is promised, unless it is a quick run."""
    events = 20_000 if options.quick else options.events or Plan().sixteen_events
    code = stages.show(measure_stages(events))
    return 0 if options.quick else code


PARTS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "publishing": _publishing,
    "engine": _engine,
    "analysts": _analysts,
    "pages": _pages,
    "gateway": _gateway,
    "router": _router,
    "stages": _stages,
    "storing": _storing,
}
