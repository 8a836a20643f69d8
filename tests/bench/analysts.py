"""Analysts at the engine's port for guests, each asking for a wallet every two seconds, while a worker folds at full
rate: how long they wait, whether one is refused, and what it costs the worker; then the same with others who add up the
whole journal again and again. All are processes as people start them.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
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
"""Folded once before anything is measured, once without analysts, once with them, and once with all."""
ANALYSTS: Final = 20
LATE_MS_MAX: Final = 200.0
RATE_AT_LEAST: Final = 0.7
ADDERS: Final = 4
"""As many as may ask at the same time, in two names, for one user may ask two questions at once."""

_JOURNAL: Final = """
    SELECT publisher_id, outcome, reason, count(), uniqExact(beneficiary_id), sum(cityHash64(event_id))
    FROM journal GROUP BY ALL
"""
_WALLET: Final = "SELECT * FROM wallets WHERE beneficiary_id = {person:String}"
_ANSWER_S: Final = 60.0


@dataclass
class Crowd:
    """Who asked while the worker folded: of each question for a wallet its seconds and its status."""

    rate: float = 0.0
    wallets: list[tuple[float, int]] = field(default_factory=list)
    sums: list[tuple[float, int]] = field(default_factory=list)

    @property
    def milliseconds(self) -> list[float]:
        """What each question for a wallet took."""
        return [1_000 * seconds for seconds, _ in self.wallets]


@dataclass
class Found:
    """What was measured: events a second of the worker, alone and beside each crowd."""

    rate_alone: float = 0.0
    analysts: Crowd = field(default_factory=Crowd)
    all: Crowd = field(default_factory=Crowd)


def measure(events: int, analysts: int) -> Found:
    """Publish, fold and ask. Raises BenchError."""
    with folded("analysts", events, 4 * events, free_port()) as (settings, made):
        return asyncio.run(_measured(settings, made, events, analysts))


async def _measured(settings: Settings, made: Iterator[Any], events: int, analysts: int) -> Found:
    found = Found()
    await asyncio.to_thread(publish_some, settings, made, events)
    with warehouse_client(settings) as client:
        found.rate_alone = await asyncio.to_thread(fold, settings, client)
        people = client.read("SELECT beneficiary_id FROM wallets ORDER BY cityHash64(beneficiary_id) LIMIT 5000")
        known = people.column(0).to_pylist()
        for crowd, adders in ((found.analysts, 0), (found.all, ADDERS)):
            await asyncio.to_thread(publish_some, settings, made, events)
            over = asyncio.Event()
            asking = _asking(f"http://{HOST}:{settings.engine_port}/", known, analysts, adders, over, crowd)
            crowd.rate = await asyncio.to_thread(fold, settings, client)
            over.set()
            await asyncio.gather(*asking)
    return found


def _asking(
    url: str, known: Sequence[str], analysts: int, adders: int, over: asyncio.Event, crowd: Crowd
) -> list[asyncio.Task[None]]:
    wallets = (_analyst(url, known[one::analysts], one / analysts, over, crowd.wallets) for one in range(analysts))
    sums = (_adder(url, f"adder{one % 2}", over, crowd.sums) for one in range(adders))
    return [asyncio.create_task(one) for one in (*wallets, *sums)]


async def _analyst(
    url: str, people: Sequence[str], share: float, over: asyncio.Event, asked: list[tuple[float, int]]
) -> None:
    """Ask for one wallet after another, on a connection of its own."""
    await asyncio.sleep(EVERY_S * share)
    async with _session() as session:
        for person in people:
            if over.is_set():
                return
            took_s, status, answer = await _answer(session, url, {"query": _WALLET, "param_person": person})
            is_right = status != 200 or len(json.loads(answer)["data"]) == 1
            asked.append((took_s, status if is_right else 0))
            await asyncio.sleep(max(EVERY_S - took_s, 0))


async def _adder(url: str, user: str, over: asyncio.Event, asked: list[tuple[float, int]]) -> None:
    """Add up the journal again and again."""
    async with _session() as session:
        while not over.is_set():
            took_s, status, _ = await _answer(session, url, {"query": _JOURNAL, "user": user})
            asked.append((took_s, status))


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(_ANSWER_S))


async def _answer(session: aiohttp.ClientSession, url: str, given: Mapping[str, str]) -> tuple[float, int, bytes]:
    began_s = time.monotonic()
    async with session.get(url, params={**given, "default_format": "JSON"}) as answer:
        content = await answer.read()
    return time.monotonic() - began_s, answer.status, content


def show(found: Found, analysts: int) -> int:
    """Show what was measured and what is promised of it; 0 where all is kept. Nothing is promised beside those who add
    up the journal, but that nobody is refused.
    """
    crowd, alone = found.analysts, found.rate_alone
    broken = _not_refused(crowd, f"{analysts} analysts")
    if times := crowd.milliseconds:
        broken |= verdict(f"{_waits(times)}; at most {LATE_MS_MAX:g} is wanted", kept=_late(times) <= LATE_MS_MAX)
    if not (alone and crowd.rate and found.all.rate):
        note("too few batches to say how fast the worker was")
        return broken
    sentence = f"{_rate(crowd, alone)}; at least {RATE_AT_LEAST}"
    broken |= verdict(sentence, kept=crowd.rate / alone >= RATE_AT_LEAST)
    broken |= _not_refused(found.all, f"the same, and {ADDERS} who add up the journal")
    if times := found.all.milliseconds:
        note(_waits(times))
    note(_rate(found.all, alone))
    note(f"the journal was added up {len(found.all.sums)} times")
    return broken


def _not_refused(crowd: Crowd, who: str) -> int:
    asked = (*crowd.wallets, *crowd.sums)
    refused = sum(status != 200 for _, status in asked)
    return verdict(f"{who}: {refused} of {len(asked)} questions refused", kept=not refused)


def _waits(times: Sequence[float]) -> str:
    return f"a wallet: median {median(times):.0f} ms, p95 {_late(times):.0f} ms"


def _late(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def _rate(crowd: Crowd, alone: float) -> str:
    rates = f"{crowd.rate:,.0f} of {alone:,.0f} events/s"
    return f"the worker beside them: {crowd.rate / alone:.2f} of its rate without ({rates})"
