"""Pages speak as of a position whose sums are ready: while the next one is prepared, as of the one before."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from dompet.schemas.errors import DompetError
from dompet.streams.web.core.position import Position
from dompet.streams.web.core.prepared import Prepared

_LIMIT_S = 30.0


class Warehouse:
    """Says where it is: each look finds another position, the first of which is of some seconds ago."""

    def __init__(self, first_age_s: float) -> None:
        self._age_s = first_age_s
        self.looks = 0
        self.may = asyncio.Event()
        """Lets sums be ready."""
        self.fault = False

    async def look(self) -> Position:
        self.looks += 1
        age_s, self._age_s = self._age_s, 0.0
        return Position("log", {0: self.looks}, stamp=str(self.looks), looked_s=time.monotonic() - age_s)

    async def prepare(self, _: Position) -> None:
        await self.may.wait()
        if self.fault:
            raise DompetError("the warehouse did not answer")


def _run(test: Callable[[], Awaitable[None]]) -> None:
    """In a thread of its own: this one may have a browser's loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, asyncio.wait_for(test(), _LIMIT_S)).result()


async def _at(prepared: Prepared, wanted: str) -> None:
    while (await prepared.position()).stamp != wanted:
        await asyncio.sleep(0)


def test_a_page_speaks_as_of_the_position_before_until_the_next_ones_sums_are_ready() -> None:
    async def test() -> None:
        warehouse = Warehouse(1.5)
        prepared = Prepared(warehouse.look, warehouse.prepare)
        assert [(await prepared.position()).stamp for _ in range(3)] == ["1", "1", "1"]
        await asyncio.sleep(0)
        warehouse.may.set()
        await _at(prepared, "2")
        assert warehouse.looks == 2

    _run(test)


def test_a_position_that_is_older_than_it_may_be_is_waited_for() -> None:
    async def test() -> None:
        warehouse = Warehouse(60)
        prepared = Prepared(warehouse.look, warehouse.prepare)
        await prepared.position()
        waiting = asyncio.ensure_future(prepared.position())
        done, _ = await asyncio.wait([waiting], timeout=0.3)
        assert not done
        warehouse.may.set()
        assert (await waiting).stamp == "2"

    _run(test)


def test_sums_that_fail_keep_no_position_back() -> None:
    async def test() -> None:
        warehouse = Warehouse(60)
        warehouse.fault = True
        warehouse.may.set()
        prepared = Prepared(warehouse.look, warehouse.prepare)
        await prepared.position()
        assert (await prepared.position()).stamp == "2"

    _run(test)


def test_what_this_process_wrote_is_looked_at_again() -> None:
    async def test() -> None:
        warehouse = Warehouse(0)
        prepared = Prepared(warehouse.look, warehouse.prepare)
        await prepared.position()
        prepared.forget()
        assert (await prepared.position()).stamp == "2"

    _run(test)
