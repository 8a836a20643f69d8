"""A question that runs for long is not asked once more for each newer position: those who come later wait for it."""

import asyncio
from collections.abc import Iterator

import pytest

from dompet.streams.commands.local_engine import engine_of
from dompet.streams.settings import Settings
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.position import Position
from dompet.streams.web.core.stored import Answer
from tests.support.warehouses import empty_warehouse
from tests.support.web import filled

pytestmark = pytest.mark.server

LONG = "SELECT sleep(1.5) = 0 AS {mark}"
"""It takes no processor, so that it takes no longer beside other work."""
FIRST, SECOND = (Position("log", stamp=str(number), looked_s=float(number)) for number in (1, 2))


@pytest.fixture(scope="module")
def settings(clickhouse_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with empty_warehouse("embedded", clickhouse_server) as url:
        settings = filled(url, tmp_path_factory.mktemp("home"))
        with engine_of(settings):
            yield settings


async def _asked_twice(settings: Settings, mark: str, *, wrote: bool) -> tuple[Answer, Answer]:
    """The answers to one question that is asked at two positions, the second while the first one runs."""
    asker, sql = Asker(settings), LONG.format(mark=mark)
    try:
        first = asyncio.create_task(asker.read_soon(sql, FIRST))
        await asyncio.sleep(0.1)
        assert not first.done()
        if wrote:
            asker.forget()
        second = asyncio.create_task(asker.read_soon(sql, SECOND))
        return await first, await second
    finally:
        asker.close()


def test_who_comes_later_waits_for_the_question_that_runs_already(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dompet.streams.web.core.stored._OLDEST_S", 0.0)  # everything runs for long
    first, second = asyncio.run(_asked_twice(settings, "joined", wrote=False))
    assert first is second
    assert (first.position, first.table["joined"].to_pylist()) == (FIRST, [1])


def test_a_question_that_does_not_run_for_long_is_asked_for_each_position(settings: Settings) -> None:
    first, second = asyncio.run(_asked_twice(settings, "apart", wrote=False))
    assert (first.position, second.position) == (FIRST, SECOND)


def test_after_something_was_written_no_earlier_question_is_enough(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dompet.streams.web.core.stored._OLDEST_S", 0.0)
    first, second = asyncio.run(_asked_twice(settings, "wrote", wrote=True))
    assert (first.position, second.position) == (FIRST, SECOND)
