"""Analysts at the engine's port for guests, each asking for a wallet every two seconds, while a worker folds at full
rate: how long they wait, whether one is refused, and what it costs the worker. All are processes as people start them.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any, Final

import aiohttp

from dompet.infra.ports import HOST, free_port
from dompet.streams.settings import Settings
from dompet.streams.terminal.console import note
from dompet.streams.warehouse.client import warehouse_client
from tests.bench.pages import fold, folded, publish_some
from tests.bench.rates import verdict
from tests.bench.readers import EVERY_S

EVENTS: Final = 2_000_000
"""Folded once before anything is measured, once without analysts, and once with them."""
ANALYSTS: Final = 20
LATE_MS_MAX: Final = 200.0
RATE_AT_LEAST: Final = 0.7

_WALLET: Final = "SELECT * FROM wallets WHERE beneficiary_id = {person:String}"
_ANSWER_S: Final = 60.0


@dataclass
class Found:
    """What was measured: events a second of the worker, and of each question its seconds and its status."""

    rate_alone: float = 0.0
    rate_asked: float = 0.0
    asked: list[tuple[float, int]] = field(default_factory=list)


def measure(events: int, analysts: int) -> Found:
    """Publish, fold and ask. Raises BenchError."""
    with folded("analysts", events, 3 * events, free_port()) as (settings, made):
        return asyncio.run(_measured(settings, made, events, analysts))


async def _measured(settings: Settings, made: Iterator[Any], events: int, analysts: int) -> Found:
    found = Found()
    await asyncio.to_thread(publish_some, settings, made, events)
    with warehouse_client(settings) as client:
        found.rate_alone = await asyncio.to_thread(fold, settings, client)
        people = client.read("SELECT beneficiary_id FROM wallets ORDER BY cityHash64(beneficiary_id) LIMIT 5000")
        known = people.column(0).to_pylist()
        await asyncio.to_thread(publish_some, settings, made, events)
        over = asyncio.Event()
        url = f"http://{HOST}:{settings.engine_port}/"
        asking = [
            asyncio.create_task(_analyst(url, known[one::analysts], one / analysts, over, found))
            for one in range(analysts)
        ]
        found.rate_asked = await asyncio.to_thread(fold, settings, client)
        over.set()
        await asyncio.gather(*asking)
    return found


async def _analyst(url: str, people: Sequence[str], share: float, over: asyncio.Event, found: Found) -> None:
    """Ask for one wallet after another, on a connection of its own."""
    await asyncio.sleep(EVERY_S * share)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(_ANSWER_S)) as session:
        for person in people:
            if over.is_set():
                return
            began_s = time.monotonic()
            given = {"query": _WALLET, "param_person": person, "default_format": "JSON"}
            async with session.get(url, params=given) as answer:
                content = await answer.read()
            took_s = time.monotonic() - began_s
            is_right = answer.status != 200 or len(json.loads(content)["data"]) == 1
            found.asked.append((took_s, answer.status if is_right else 0))
            await asyncio.sleep(max(EVERY_S - took_s, 0))


def show(found: Found, analysts: int) -> int:
    """Show what was measured and what is promised of it; 0 where all is kept."""
    refused = sum(status != 200 for _, status in found.asked)
    times = [1_000 * seconds for seconds, _ in found.asked]
    broken = verdict(f"{refused} of {len(times)} questions refused", kept=not refused)
    if len(times) > 1:
        late = quantiles(times, n=20)[-1]
        sentence = f"a wallet: median {median(times):.0f} ms, p95 {late:.0f} ms; at most {LATE_MS_MAX:g} is wanted"
        broken |= verdict(sentence, kept=late <= LATE_MS_MAX)
    if not (found.rate_alone and found.rate_asked):
        note("too few batches to say how fast the worker was")
        return broken
    share = found.rate_asked / found.rate_alone
    rates = f"{found.rate_asked:,.0f} of {found.rate_alone:,.0f} events/s"
    sentence = (
        f"the worker beside {analysts} analysts: {share:.2f} of its rate without ({rates}); at least {RATE_AT_LEAST}"
    )
    return broken | verdict(sentence, kept=share >= RATE_AT_LEAST)
