"""Pages whose questions take long are asked before anybody comes."""

import threading
from collections.abc import Iterable

import pyarrow as pa
import pytest

from dompet.streams.warehouse.client import WarehouseClient
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.limits import read_limited
from dompet.streams.web.core.routes import Page
from dompet.streams.web.pages.routes import PAGES
from dompet.streams.web.warming import warmed
from tests.support.warehouses import KINDS, empty_warehouse
from tests.support.web import filled, served

pytestmark = pytest.mark.server

_LIMIT_S = 120.0
SLOW = [page.path for page in PAGES if page.slow]


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_reader_of_a_slow_page_waits_for_no_question(
    kind: str, clickhouse_server: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, asked = threading.Event(), list[str]()

    async def reported(asker: Asker, pages: Iterable[Page]) -> None:
        await warmed(asker, pages)
        done.set()

    def read(client: WarehouseClient, sql: str) -> pa.Table:
        asked.append(sql)
        return read_limited(client, sql)

    monkeypatch.setattr("dompet.streams.web.app.warmed", reported)
    monkeypatch.setattr("dompet.streams.web.core.asking.read_limited", read)
    with empty_warehouse(kind, clickhouse_server) as url:
        settings = filled(url, tmp_path_factory.mktemp("home"))
        with served(settings, warm=True) as pages:
            assert done.wait(_LIMIT_S)
            assert asked
            asked.clear()
            assert SLOW
            for path in SLOW:
                assert pages.get(path).status == 200
            assert asked == []
