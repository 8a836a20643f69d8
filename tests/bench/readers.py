"""Readers of the pages: each opens one every two seconds, of a mix as people read; and readers who only watch."""

import asyncio
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

EVERY_S: Final = 2.0
MIX: Final = {
    "person": 35,
    "programme": 20,
    "platform": 20,
    "institutions": 5,
    "catalogue": 5,
    "exceptions": 5,
    "rejections": 5,
    "orders": 5,
}
"""Of a hundred pages, how many are of each kind."""
_QUIET_CPU_S: Final = 0.1
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Asked:
    """One page: its kind, when it was asked for, until its first and its last byte, and its status."""

    kind: str
    began_s: float
    first_s: float
    whole_s: float
    status: int


@dataclass
class Readers:
    """So many readers of the pages at an address; `people` and `platforms` are what they look at."""

    url: str
    people: Sequence[str]
    platforms: Sequence[str]
    asked: list[Asked] = field(default_factory=list)

    def path(self, kind: str, chance: random.Random) -> str:
        """Where a page of a kind is."""
        if kind == "person":
            return f"/person?person={chance.choice(self.people)}"
        if kind == "platform":
            return f"/platform?platform={chance.choice(self.platforms)}"
        wave = f"?wave={chance.randint(1, 12)}" if chance.random() < 0.3 else ""
        return {"programme": f"/{wave}", "orders": "/list/orders"}.get(kind, f"/{kind}")

    async def read(self, number: int, until: asyncio.Event) -> None:
        """Open pages until it is over, as so many readers who began at different moments."""
        await asyncio.gather(*(self._reader(seed, number, until) for seed in range(number)))

    async def _reader(self, seed: int, number: int, until: asyncio.Event) -> None:
        chance = random.Random(seed)
        await asyncio.sleep(EVERY_S * seed / number)
        headers = {"Cookie": f"dompet_visit={seed:032x}", "Accept-Language": chance.choice(["id", "en"])}
        async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(60)) as session:
            while not until.is_set():
                next_s = time.monotonic() + EVERY_S
                [kind] = chance.choices(list(MIX), list(MIX.values()))
                self.asked.append(await once(session, self.url, kind, self.path(kind, chance)))
                await asyncio.sleep(max(next_s - time.monotonic(), 0))


async def once(session: aiohttp.ClientSession, url: str, kind: str, path: str) -> Asked:
    """Ask for one page; its status is 0 where no answer comes."""
    began_s = time.monotonic()
    try:
        async with session.get(url + path) as answer:
            first_s = time.monotonic() - began_s
            await answer.read()
            return Asked(kind, began_s, first_s, time.monotonic() - began_s, answer.status)
    except TimeoutError:
        waited_s = time.monotonic() - began_s
        return Asked(kind, began_s, waited_s, waited_s, 0)


async def alone(readers: Readers, times: int) -> list[Asked]:
    """What one reader waits for with nothing else going on: pages of the three kinds, each of another person, platform
    or wave, so that hardly any was asked before.
    """
    chance = random.Random(times)
    async with aiohttp.ClientSession() as session:
        found = []
        for number in range(times):
            day = f"2020-04-{number % 28 + 1:02d}"
            paths = {
                "programme": f"/?wave={number % 60}",
                "person": readers.path("person", chance),
                "platform": f"/platform?platform={readers.platforms[number % len(readers.platforms)]}&from={day}",
            }
            found += [await once(session, readers.url, kind, path) for kind, path in paths.items()]
        return found


async def watching(url: str, number: int, seconds: float, pids: Sequence[int]) -> list[float]:
    """The share of a processor that each of these processes takes while so many readers watch the pipeline."""
    begun = asyncio.Semaphore(0)

    async def watch() -> None:
        async with session.get(f"{url}/pipeline/live") as answer:
            async for _ in answer.content:
                begun.release()

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(None)) as session:
        watchers = [asyncio.create_task(watch()) for _ in range(number)]
        for _ in watchers:
            await begun.acquire()
        before, began_s = [cpu_s(pid) for pid in pids], time.monotonic()
        await asyncio.sleep(seconds)
        took_s = time.monotonic() - began_s
        shares = [(cpu_s(pid) - was) / took_s for pid, was in zip(pids, before, strict=True)]
        for one in watchers:
            one.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)
    return shares


async def quiet(pids: Sequence[int], limit_s: float) -> float:
    """Wait until these processes have done next to nothing for a second; how long they were busy before."""
    began_s, before = time.monotonic(), sum(map(cpu_s, pids))
    while time.monotonic() - began_s < limit_s:
        await asyncio.sleep(1)
        now = sum(map(cpu_s, pids))
        if now - before < _QUIET_CPU_S:
            break
        before = now
    return max(time.monotonic() - began_s - 1, 0)


def cpu_s(pid: int) -> float:
    """Seconds of a processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
