"""What the frameworks may say on stderr."""

import asyncio
import gc
import logging
from collections.abc import Iterator

import pytest

from dompet.streams.process.logs import hush_asyncio


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The other tests hear what asyncio says."""
    logger = logging.getLogger("asyncio")
    level = logger.level
    yield
    logger.setLevel(level)


async def nobody_asks() -> None:
    async def ends() -> None:
        raise RuntimeError("stopped")

    task = asyncio.create_task(ends())
    await asyncio.wait([task])


def reported(caplog: pytest.LogCaptureFixture) -> list[str]:
    asyncio.run(nobody_asks())
    gc.collect()
    return [record.getMessage().splitlines()[0] for record in caplog.records if record.name == "asyncio"]


def test_an_error_that_nobody_asked_a_task_for_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    assert reported(caplog) == ["Task exception was never retrieved"]


def test_it_is_not_reported_once_the_worker_stops(caplog: pytest.LogCaptureFixture) -> None:
    hush_asyncio()
    assert reported(caplog) == []


def test_who_debugs_hears_it_even_then(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOMPET_DEBUG", "1")
    hush_asyncio()
    assert reported(caplog) == ["Task exception was never retrieved"]
