"""Real clients of ClickHouse, each in its own language, find in the engine what the engine itself has: databases,
tables and columns, and the rows of ten queries in every type that the views have.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from clickhouse_driver import Client

from tests.support import client_libraries, client_programs
from tests.support.client_questions import CAPPED, Found, declared_questions, plain_rows, put_rows
from tests.support.engines import EngineProcess, engine
from tests.support.warehouses import empty_warehouse, opened

pytestmark = pytest.mark.server

ASKED: Final = declared_questions()
_BUILD_AND_ASK_S: Final = 1_000

CLIENTS: Final[dict[str, Callable[[int], Found]]] = {
    "clickhouse-connect": lambda port: client_libraries.connect(port, client_libraries.by_rows),
    "clickhouse-connect, Arrow": lambda port: client_libraries.connect(port, client_libraries.by_arrow),
    "clickhouse-connect, pandas": lambda port: client_libraries.connect(port, client_libraries.by_pandas),
    "SQLAlchemy": client_libraries.sqlalchemy,
    "curl": client_libraries.curl,
    "clickhouse-jdbc, UTC": lambda port: client_programs.java(port, "UTC"),
    "clickhouse-jdbc, New York": lambda port: client_programs.java(port, "America/New_York"),
    "clickhouse-go": lambda port: client_programs.go(port, "none"),
    "clickhouse-go, LZ4": lambda port: client_programs.go(port, "lz4"),
    "clickhouse-go, gzip": lambda port: client_programs.go(port, "gzip"),
    "@clickhouse/client": client_programs.node,
}


@pytest.fixture(scope="module")
def asked_engine() -> Iterator[EngineProcess]:
    """An engine with the rows that the questions are about."""
    with tempfile.TemporaryDirectory(prefix="dompet-engine-") as folder:
        with opened(f"chdb://{folder}/warehouse") as warehouse:
            put_rows(warehouse)
        with engine(Path(folder) / "warehouse") as running:
            yield running


@pytest.fixture(scope="module", params=CLIENTS)
def found(request: pytest.FixtureRequest, asked_engine: EngineProcess) -> Found:
    """What each client finds, in turn."""
    return CLIENTS[request.param](asked_engine.port)


def test_the_questions_are_about_every_type_that_the_views_have(asked_engine: EngineProcess) -> None:
    sql = (
        "SELECT DISTINCT type FROM system.columns WHERE (database, table) IN "
        "(SELECT database, name FROM system.tables WHERE database = 'default' AND engine = 'View') FORMAT TSVRaw"
    )
    types = {kind for question in ASKED.queries for _, kind in question.columns}
    assert len(ASKED.queries) == 10
    assert set(asked_engine.told(sql).splitlines()) <= types


@pytest.mark.parametrize("question", ASKED.queries, ids=lambda question: question.name)
def test_the_engine_itself_answers_as_is_declared(asked_engine: EngineProcess, question: Any) -> None:
    settings = "SETTINGS date_time_output_format = 'iso', output_format_json_quote_64bit_integers = 0"
    answer = json.loads(asked_engine.own(f"{question.sql} {settings}", default_format="JSONCompact").body)
    assert [[one["name"], one["type"]] for one in answer["meta"]] == question.columns
    assert as_text(answer["data"]) == as_text(question.rows)


@pytest.mark.timeout(_BUILD_AND_ASK_S)
def test_a_client_lists_databases_tables_and_columns(asked_engine: EngineProcess, found: Found) -> None:
    assert found.databases == ["default"]  # what guests may read: the warehouse's
    assert sorted(found.tables) == asked_engine.own("SHOW TABLES", default_format="TSVRaw").text.split()
    columns = asked_engine.own(f"DESCRIBE TABLE {ASKED.table}", default_format="TSVRaw").text.splitlines()
    assert found.columns == [line.split("\t")[:2] for line in columns]


@pytest.mark.timeout(_BUILD_AND_ASK_S)
def test_a_client_reads_the_same_rows_in_every_type(found: Found) -> None:
    for (names, rows), question in zip(found.answers, ASKED.queries, strict=True):
        assert as_text(rows) == as_text(question.rows), question.name
        # An answer in Native without rows is empty: who reads it learns of no columns.
        assert names == question.names or not rows


@pytest.mark.timeout(_BUILD_AND_ASK_S)
def test_a_client_s_parameter_comes_back_as_it_was(found: Found) -> None:
    assert found.text == ASKED.text


@pytest.mark.timeout(_BUILD_AND_ASK_S)
def test_a_client_reads_a_long_answer_to_its_end(found: Found) -> None:
    assert found.long == (ASKED.long_rows, ASKED.long_rows * (ASKED.long_rows - 1) // 2)
    assert found.capped == CAPPED


@pytest.mark.timeout(_BUILD_AND_ASK_S)
def test_a_client_that_writes_is_refused_with_a_sentence(found: Found) -> None:
    assert "497" in found.refused
    assert "only queries that read can be asked, and no INSERT INTO" in found.refused


def test_a_server_s_own_protocol_gives_the_same_rows(clickhouse_server: str) -> None:
    """clickhouse-driver, which speaks it and no HTTP, reads from a server what the others read from the engine."""
    with empty_warehouse("server", clickhouse_server) as url:
        with opened(url) as warehouse:
            put_rows(warehouse)
        with Client.from_url(url) as client:
            [(database,)] = client.execute("SELECT currentDatabase()")
            assert (database,) in client.execute("SHOW DATABASES")
            assert (ASKED.table,) in client.execute("SHOW TABLES")
            for question in ASKED.queries:
                rows, columns = client.execute(question.sql, with_column_types=True)
                assert as_text(plain_rows(rows)) == as_text(question.rows), question.name
                assert [list(column) for column in columns] == question.columns


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("go", "Go 1.26 or newer: apt-get install golang-go"),
        ("node", "Node 20 or newer: apt-get install nodejs"),
        ("java", "a JDK of Java 17 or newer: apt-get install openjdk-17-jdk-headless"),
    ],
)
def test_a_tool_that_is_missing_is_named(
    language: str, sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(client_programs, "_BUILT", tmp_path / "clients")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError) as refused:
        client_programs.built(language)
    assert sentence in str(refused.value)
    assert list((tmp_path / "clients").iterdir()) == []


def as_text(rows: Any) -> str:
    """Rows as JSON, in which 1, 1.0 and true are different."""
    return json.dumps(rows, ensure_ascii=False)
