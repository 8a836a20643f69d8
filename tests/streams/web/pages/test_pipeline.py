"""The page Pipeline: what was verified last, and what a batch takes, in both languages and by the API."""

from collections.abc import Iterator

import pytest

from dompet.streams.proof.verified import record
from dompet.streams.warehouse.client import warehouse_client
from tests.support.warehouses import KINDS, empty_warehouse
from tests.support.web import Served, filled, served


@pytest.fixture(scope="module", params=KINDS)
def pages(
    request: pytest.FixtureRequest, clickhouse_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    with empty_warehouse(request.param, clickhouse_server) as url, served(filled(url, home)) as one:
        yield one


def verify(pages: Served, differences: int) -> None:
    """Leave the record of a verification."""
    with warehouse_client(pages.asker.settings) as client:
        record(client, pages.asker.topic, 0, {0: 5, 1: 7}, 12, differences)


def test_a_warehouse_that_nobody_verified_says_so(pages: Served) -> None:
    assert "None yet" in pages.get("/pipeline").text
    assert "Belum ada" in pages.get("/pipeline", Accept_Language="id").text
    assert "No worker of this machine has folded a batch" in pages.get("/pipeline").text
    found = pages.get("/api/v1/pipeline").json
    assert (found["verified"], found["batch_ms"], found["batches"]) == (None, {}, 0)


def test_the_last_verification_is_shown_whichever_way_it_ended(pages: Served) -> None:
    verify(pages, 0)
    assert "As the log says" in pages.get("/pipeline").text
    assert "Sesuai dengan log" in pages.get("/pipeline", Accept_Language="id").text
    verify(pages, 3)
    english, indonesian = pages.get("/pipeline").text, pages.get("/pipeline", Accept_Language="id").text
    assert "3 differences" in english
    assert 'role="alert"' in english
    assert "12 records of the log were read again" in english
    assert "3 perbedaan" in indonesian
    found = pages.get("/api/v1/pipeline").json["verified"]
    assert (found["holds"], found["differences"], found["records"]) == (False, 3, 12)
