"""A reader who leaves: what was asked for them ends at the warehouse; and no reader takes the turns of the others."""

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from starlette.responses import Response

from dompet.infra.ports import HOST
from dompet.streams.access.roles import EVERYBODY
from dompet.streams.warehouse.client import warehouse_client
from dompet.streams.web.app import ROUTES
from dompet.streams.web.core.routes import Page
from dompet.streams.web.core.visit import Visit
from tests.support.warehouses import KINDS, empty_warehouse
from tests.support.web import Answer, Served, filled, served

pytestmark = pytest.mark.server

_LIMIT_S = 60.0
_RUNS = "SELECT count() AS running FROM system.processes WHERE query LIKE '%{mark}%' AND query NOT LIKE '%processes%'"


async def _endless(visit: Visit) -> Response:
    """Asks what takes far longer than anybody waits, marked by the address."""
    mark = visit.given["mark"]
    await visit.rows(f"SELECT sum(sin(number)) AS {mark} FROM numbers(1000000000000)")
    return Response()


ENDLESS = (Page("/endless", _endless, EVERYBODY), Page("/api/v1/endless", _endless, EVERYBODY, program=True))


@pytest.fixture(scope="module", params=KINDS)
def pages(
    request: pytest.FixtureRequest, clickhouse_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    with empty_warehouse(request.param, clickhouse_server) as url:
        settings = filled(url, tmp_path_factory.mktemp("home"))
        with served(settings, routes=(*ROUTES, *ENDLESS)) as one:
            yield one


def running(pages: Served, mark: str) -> int:
    """How many queries of this mark run at the engine or server."""
    with warehouse_client(pages.asker.settings) as client:
        return int(client.read(_RUNS.format(mark=mark))["running"][0].as_py())


def soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def asking(pages: Served, path: str, visit: str = "a" * 32) -> http.client.HTTPConnection:
    """A reader who has asked, and waits."""
    connection = http.client.HTTPConnection(HOST, pages.port, timeout=_LIMIT_S)
    connection.request("GET", path, headers={"Cookie": f"dompet_visit={visit}"})
    return connection


@pytest.mark.parametrize("path", ["/endless", "/api/v1/endless"])
def test_what_a_reader_asked_ends_when_they_leave(pages: Served, path: str) -> None:
    mark = f"left{path.count('/')}"
    with closing(asking(pages, f"{path}?mark={mark}")):
        soon(lambda: running(pages, mark) == 1)
    soon(lambda: running(pages, mark) == 0)
    assert pages.get("/api/v1/waves").status == 200


def test_what_two_readers_asked_goes_on_until_both_have_left(pages: Served) -> None:
    with closing(asking(pages, "/endless?mark=shared")) as first:
        soon(lambda: running(pages, "shared") == 1)
        with closing(asking(pages, "/endless?mark=shared", "b" * 32)):
            assert pages.get("/api/v1/waves").status == 200  # what was sent before was read by now
            first.close()
            assert pages.get("/api/v1/waves", {"limit": "1"}).status == 200
            assert running(pages, "shared") == 1
    soon(lambda: running(pages, "shared") == 0)


def test_a_reader_who_asks_much_keeps_nobody_waiting(pages: Served) -> None:
    mine = [asking(pages, f"/endless?mark=much{number}") for number in range(6)]
    try:
        soon(lambda: running(pages, "much") == 2)
        other = pages.get("/platforms", Cookie=f"dompet_visit={'c' * 32}")
        assert other.status == 200
        assert running(pages, "much") == 2
    finally:
        for one in mine:
            one.close()
    soon(lambda: running(pages, "much") == 0)


def test_a_reader_who_asks_beyond_all_measure_is_asked_to_wait(pages: Served) -> None:
    mine = [asking(pages, f"/endless?mark=crowd{number}") for number in range(42)]
    refused: list[Answer] = []
    try:
        soon(lambda: running(pages, "crowd") == 2)
        visit = f"dompet_visit={'a' * 32}"

        def once_more() -> bool:
            refused.append(pages.get("/api/v1/wallets", {"limit": str(len(refused) + 2)}, Cookie=visit))
            return refused[-1].status == 429

        soon(once_more)
        assert refused[-1].headers["retry-after"] == "2"
        assert "wait" in refused[-1].json["detail"]
    finally:
        for one in mine:
            one.close()
    soon(lambda: running(pages, "crowd") == 0)


def test_a_persons_page_waits_for_no_large_question(pages: Served) -> None:
    [person] = pages.get("/api/v1/wallets", {"limit": "1"}).json["rows"]
    large = [asking(pages, f"/endless?mark=large{number}", f"{number % 2}" * 32) for number in range(6)]
    try:
        soon(lambda: running(pages, "large") == 4)
        page = pages.get("/person", {"person": person["beneficiary_id"]}, Cookie=f"dompet_visit={'c' * 32}")
        assert page.status == 200
        assert running(pages, "large") == 4
    finally:
        for one in large:
            one.close()
    soon(lambda: running(pages, "large") == 0)
