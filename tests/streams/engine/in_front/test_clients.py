"""Clients of today read an old server through the endpoint: databases, tables, columns, and every type of the views."""

from typing import Final

import pytest

from tests.streams.engine.test_clients import ASKED, CLIENTS, as_text
from tests.support.client_questions import CAPPED, Found
from tests.support.engines import Endpoint

pytestmark = [pytest.mark.server, pytest.mark.timeout(1_000)]

NOT_FOR_SO_OLD_A_SERVER: Final = {
    "SQLAlchemy",  # needs the column `comment` of DESCRIBE
    "clickhouse-jdbc, UTC",  # its lists of tables join tables of `system` by names that 18.16 does not resolve
    "clickhouse-jdbc, New York",
}


@pytest.fixture(scope="module", params=sorted(CLIENTS.keys() - NOT_FOR_SO_OLD_A_SERVER))
def found(request: pytest.FixtureRequest, endpoint: Endpoint) -> Found:
    """What each client finds, in turn."""
    return CLIENTS[request.param](endpoint.port)


def test_a_client_lists_what_guests_may_read(endpoint: Endpoint, found: Found) -> None:
    assert sorted(found.databases) == ["default", "system"]
    assert sorted(found.tables) == endpoint.told("SHOW TABLES FORMAT TSVRaw").split()
    columns = endpoint.told(f"DESCRIBE TABLE {ASKED.table} FORMAT TSVRaw").splitlines()
    assert found.columns == [line.split("\t")[:2] for line in columns]


def test_a_client_reads_the_same_rows_in_every_type(found: Found) -> None:
    for (names, rows), question in zip(found.answers, ASKED.queries, strict=True):
        assert as_text(rows) == as_text(question.rows), question.name
        assert names == question.names or not rows


def test_a_client_s_parameter_a_long_answer_and_a_refusal(found: Found) -> None:
    assert found.text == ASKED.text
    assert found.long == (ASKED.long_rows, ASKED.long_rows * (ASKED.long_rows - 1) // 2)
    assert found.capped == CAPPED
    assert "only queries that read can be asked, and no INSERT INTO" in found.refused
