"""What the part `pages` measured, and what is promised of it."""

from collections.abc import Mapping, Sequence
from statistics import median, quantiles
from typing import Any, Final

from dompet.streams.terminal.console import note, out
from dompet.streams.terminal.tables import rows_table
from tests.bench.pages import Found
from tests.bench.rates import verdict
from tests.bench.readers import Asked

LATE_MS_MAX: Final = 200.0
FIRST_MS_MAX: Final = 100.0
RATE_AT_LEAST: Final = 0.8
MEMORY_BYTES_MAX: Final = 300 << 20
WATCHING_CPU_MAX: Final = 0.05
JUDGED: Final = ("programme", "person", "platform")


def show(found: Found, rows: int, readers: int, watchers: int) -> int:
    """Show what was measured and what is promised of it; 0 where all is kept."""
    failed = [one for one in (*found.asked, *found.first) if one.status != 200]
    out.print(_table(f"{readers} readers of {rows:,} rows while a worker folds, in ms", _by_kind(found.asked)))
    broken = verdict(f"{len(failed)} of {len(found.asked) + len(found.first)} pages failed", kept=not failed)
    note(f"the pages' sums were built in {found.built_s:.0f} s")
    for kind in JUDGED:
        late = _late_ms([one for one in found.asked if one.kind == kind])
        first = median(one.first_s for one in found.first if one.kind == kind) * 1_000
        broken |= verdict(f"{kind}: p95 {late:.0f} ms; at most {LATE_MS_MAX:g} is wanted", kept=late <= LATE_MS_MAX)
        sentence = f"{kind}, nothing else going on: first byte after {first:.0f} ms; at most {FIRST_MS_MAX:g} is wanted"
        broken |= verdict(sentence, kept=first <= FIRST_MS_MAX)
    if found.rate_alone and found.rate_read:
        share = found.rate_read / found.rate_alone
        rates = f"{found.rate_read:,.0f} of {found.rate_alone:,.0f} events/s"
        sentence = f"the worker with readers: {share:.2f} of its rate without ({rates}); at least {RATE_AT_LEAST:g}"
        broken |= verdict(sentence, kept=share >= RATE_AT_LEAST)
    else:
        note("too few batches to say how fast the worker was")
    megabytes = found.memory_bytes / (1 << 20)
    sentence = f"the pages' process held {megabytes:.0f} MB at most; {MEMORY_BYTES_MAX >> 20} are allowed"
    broken |= verdict(sentence, kept=found.memory_bytes <= MEMORY_BYTES_MAX)
    pages, engine = found.watching_cpu
    sentence = f"{watchers} who watch take {pages:.1%} of a processor, the engine {engine:.1%}; less than 5% is wanted"
    return broken | verdict(sentence, kept=pages < WATCHING_CPU_MAX)


def _by_kind(asked: Sequence[Asked]) -> Mapping[str, list[Asked]]:
    return {kind: [one for one in asked if one.kind == kind] for kind in sorted({one.kind for one in asked})}


def _late_ms(asked: Sequence[Asked]) -> float:
    """What 95 of a hundred pages took at most, to their last byte."""
    times = [one.whole_s * 1_000 for one in asked]
    return quantiles(times, n=20)[-1] if len(times) > 1 else max(times, default=0.0)


def _table(title: str, kinds: Mapping[str, Sequence[Asked]]) -> Any:
    rows = [
        {"page": kind, "pages": len(found), "median": f"{median(one.whole_s for one in found) * 1_000:.0f}",
         "p95": f"{_late_ms(found):.0f}", "longest": f"{max(one.whole_s for one in found) * 1_000:.0f}"}
        for kind, found in kinds.items()
    ]  # fmt: skip
    return rows_table(title, rows, ("page", "pages", "median", "p95", "longest")) if rows else "no page was asked for"
