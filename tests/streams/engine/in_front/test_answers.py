"""Before a server guests are answered as the engine answers them: formats, limits, faults, and an end at any time."""

import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest
from clickhouse_driver import Client

from tests.streams.engine.test_bi_queries import QUERIES
from tests.support.clickhouse import ClickHouseServer
from tests.support.engines import Endpoint, in_front_of

pytestmark = pytest.mark.server

ENDLESS = "SELECT sum(sin(number)) FROM numbers(1000000000000)"
STREAM = "SELECT number FROM numbers(1000000000000)"
OF_ALL_KINDS = (
    "SELECT number AS a, toString(number) AS b, CAST(NULL AS Nullable(Int8)) AS c, toDate('2020-01-02') AS d,"
    " toDateTime('2020-01-02 03:04:05', 'Asia/Jakarta') AS e, [number, 1] AS f, (1, 'x') AS g, 1.5 AS h,"
    " toDecimal64(number, 2) AS i FROM numbers(3)"
)
_LIMIT_S = 120.0


@pytest.fixture(scope="module")
def tight(own_server: ClickHouseServer) -> Iterator[Endpoint]:
    """An endpoint with limits that are soon reached."""
    limits = {"seconds": 2, "memory_bytes": 200_000_000, "rows": 3_000_000, "sent_bytes": 10_000_000}
    with in_front_of(own_server.url, **limits, at_once=2, at_once_a_user=1, waiting=2, waiting_seconds=5) as running:
        yield running


def code_of(answer: object) -> str:
    headers = getattr(answer, "headers")  # noqa: B009
    return str(headers.get("X-ClickHouse-Exception-Code", ""))


def soon(holds: Callable[[], bool], within_s: float = _LIMIT_S) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def running_there(server: ClickHouseServer) -> int:
    """The queries that the server runs, but for the one that asks."""
    with Client.from_url(server.url) as client:
        [(count,)] = client.execute("SELECT count() FROM system.processes")
    return int(count) - 1


def test_the_answer_is_the_server_s_in_every_format(endpoint: Endpoint) -> None:
    formats = endpoint.told("SELECT 1 FORMAT TSV") and (
        "TSV", "CSV", "JSON", "JSONCompact", "JSONEachRow", "Values", "Vertical", "Pretty", "RowBinary", "Native",
        "Parquet", "Arrow", "ArrowStream", "ORC", "Avro", "MsgPack", "XML", "Markdown", "SQLInsert", "Null",
    )  # fmt: skip
    for form in formats:
        for sql in (OF_ALL_KINDS, f"{OF_ALL_KINDS} WHERE number > 5"):
            wanted = sql.replace(", (1, 'x') AS g", "") if form in ("Avro", "ORC") else sql
            answer = endpoint.ask(wanted, default_format=form, output_format_arrow_compression_method="lz4_frame")
            assert answer.status == 200, (form, answer.text[:300])
            assert answer.headers["X-ClickHouse-Format"].startswith(form[:3])
    rows = [json.loads(line) for line in endpoint.told(OF_ALL_KINDS, default_format="JSONEachRow").splitlines()]
    assert rows[2] == {
        "a": 2, "b": "2", "c": None, "d": "2020-01-02", "e": "2020-01-02 03:04:05", "f": [2, 1],
        "g": [1, "x"], "h": 1.5, "i": 2,
    }  # fmt: skip
    table = pa.ipc.open_stream(
        endpoint.ask("SELECT number AS n FROM numbers(300000)", default_format="ArrowStream").body
    )
    assert table.read_all()["n"].to_pylist() == list(range(300_000))


def test_the_views_answer_as_the_server_does(endpoint: Endpoint, own_server: ClickHouseServer) -> None:
    with Client.from_url(own_server.url) as client:
        views = [
            name
            for (name,) in client.execute(
                "SELECT name FROM system.tables WHERE database = 'default' AND engine = 'View'"
            )
        ]
        assert len(views) > 20
        for view in views:
            own = client.execute(f"SELECT count() FROM {view}")
            assert endpoint.told(f"SELECT count() FROM {view}") == f"{own[0][0]}\n", view
            assert endpoint.ask(f"SELECT * FROM {view} LIMIT 3", default_format="JSON").status == 200, view


def test_a_query_of_a_bi_tool_is_answered_or_has_a_sentence(endpoint: Endpoint) -> None:
    """An old server knows less than BI tools ask for; what it refuses, it says as ClickHouse does."""
    answered = 0
    for query in QUERIES:
        answer = endpoint.ask(query["sql"], parameters={"default_format": "JSONCompact", **query.get("parameters", {})})
        assert answer.status != 500 or "DB::Exception" in answer.text, query
        answered += answer.status == 200
    assert answered > len(QUERIES) // 2


def test_a_limit_of_time_memory_rows_and_bytes_ends_a_query(tight: Endpoint, own_server: ClickHouseServer) -> None:
    assert code_of(tight.ask(ENDLESS)) == "159"
    assert code_of(tight.ask("SELECT groupArray(number) FROM numbers(1000000000)")) == "241"
    assert "396" in str(code_of(many := tight.ask("SELECT 1 FROM numbers(4000000)")) or many.text[-400:])
    longer = tight.ask("SELECT toString(number) || 'xxxxxxxxxxxxxxxxxxxxxxxxxxxx' FROM numbers(1000000)")
    assert "the answer is longer than 10000000 bytes" in longer.text
    soon(lambda: running_there(own_server) == 0)
    assert tight.told("SELECT 1") == "1\n"


def test_a_guest_lowers_a_limit_and_never_raises_it(tight: Endpoint) -> None:
    assert code_of(tight.ask(ENDLESS, max_execution_time=10**6, max_memory_usage=10**15)) == "159"
    assert code_of(tight.ask("SELECT 1 FROM numbers(10)", max_result_rows=5)) == "396"
    few = {"max_result_rows": 30, "result_overflow_mode": "break", "max_block_size": 10}
    # A server so old leaves out what comes after the block that went beyond.
    assert tight.told("SELECT number FROM numbers(300000)", parameters=few).count("\n") in (30, 40)


def test_who_asks_too_much_at_once_is_told_to_come_again(tight: Endpoint) -> None:
    with ThreadPoolExecutor(9) as pool:
        answers = list(pool.map(lambda n: tight.ask(ENDLESS, user=f"u{n % 3}"), range(9)))
    assert {answer.status for answer in answers} == {408, 429}


@pytest.mark.parametrize("sql", [ENDLESS, STREAM])
def test_a_query_whose_asker_goes_away_ends_at_the_server(
    endpoint: Endpoint, own_server: ClickHouseServer, sql: str
) -> None:
    with socket.create_connection(("127.0.0.1", endpoint.port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(sql)}\r\n\r\n{sql}".encode())
        soon(lambda: running_there(own_server) == 1)
    soon(lambda: running_there(own_server) == 0)
    assert endpoint.told("SELECT 1") == "1\n"


def test_a_query_is_ended_by_its_own_user(endpoint: Endpoint, own_server: ClickHouseServer) -> None:
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(endpoint.ask, ENDLESS, user="me", query_id="mine")
        soon(lambda: running_there(own_server) == 1)
        assert endpoint.told("KILL QUERY WHERE query_id = 'mine'", user="another") == ""
        assert "waiting" in endpoint.told("KILL QUERY WHERE query_id = 'mine'", user="me")
        assert code_of(long.result()) == "394"
    assert running_there(own_server) == 0


def test_a_query_that_is_ended_at_any_moment_is_gone_at_the_server(
    endpoint: Endpoint, own_server: ClickHouseServer
) -> None:
    with ThreadPoolExecutor(1) as pool:
        for n in range(40):  # at some of them it is being sent
            long = pool.submit(endpoint.ask, ENDLESS, user="me", query_id=f"new {n}")
            while endpoint.told(f"KILL QUERY WHERE query_id = 'new {n}'", user="me") == "":
                assert not long.done()
            assert code_of(long.result()) == "394"
    soon(lambda: running_there(own_server) == 0, within_s=30)  # sooner than the limit of time


def test_what_fails_half_way_says_so_at_its_end_and_is_cut(endpoint: Endpoint) -> None:
    answer = endpoint.ask("SELECT throwIf(number = 3000000) FROM numbers(4000000)")
    assert (answer.status, answer.cut) == (200, True)
    assert "Code: 395. DB::Exception" in answer.text[-500:]
    assert endpoint.ask("SELECT throwIf(number = 3) FROM numbers(4)", wait_end_of_query=1).status == 500


def test_a_mistake_is_told_as_the_server_does(endpoint: Endpoint) -> None:
    for sql, status, code in (
        ("SELECT 1 +", 400, "62"),
        ("SELECT missing FROM scratch", 404, "47"),
        ("SELECT * FROM missing", 404, "60"),
        ("SELECT {x:UInt8}", 500, "456"),
    ):
        answer = endpoint.ask(sql)
        assert (answer.status, code_of(answer)) == (status, code), answer.text


def test_what_clients_call_default_is_the_database_of_the_url(own_server: ClickHouseServer) -> None:
    with Client.from_url(own_server.url) as client:
        client.execute("CREATE DATABASE programme")
        client.execute("CREATE TABLE programme.t ENGINE = Memory AS SELECT 7 AS n")
        try:
            with in_front_of(own_server.url.rpartition("/")[0] + "/programme") as running:
                for database in ("", "default", "programme"):
                    assert running.told("SELECT n FROM t", database=database) == "7\n"
                assert running.ask("SELECT * FROM default.scratch").status == 403
                assert running.told("SHOW DATABASES") == "programme\nsystem\n"
        finally:
            client.execute("DROP DATABASE programme")


def test_a_server_that_is_away_is_said_so_and_answers_again(tmp_path: Path) -> None:
    with ClickHouseServer(tmp_path) as server, in_front_of(server.url) as running:
        assert running.told("SELECT 1") == "1\n"
        assert running.ask(path="/ready", method="GET").status == 200
        server.kill()
        away = running.ask("SELECT 1")
        assert (away.status, code_of(away), away.headers["Retry-After"]) == (503, "210", "1")
        assert "cannot be reached" in away.text
        assert "dompet:" not in away.text  # the server's password is nobody's
        ready = running.ask(path="/ready", method="GET")
        assert (ready.status, "cannot be reached" in ready.text) == (503, True)
        assert running.ask(path="/ping", method="GET").status == 200
        server.start()
        assert running.told("SELECT 1") == "1\n"
        assert running.ask(path="/ready", method="GET").status == 200


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ("max_block_size = 7", "7 max_block_size"),
        ("join_use_nulls = true", "1 join_use_nulls"),
        ("max_execution_time = 7", "7 max_execution_time"),
        ("max_execution_time = 0.5, date_time_input_format = 'best_effort'", "best_effort date_time_input_format"),
    ],
)
def test_settings_within_a_query_are_taken_as_they_are_written(endpoint: Endpoint, settings: str, shown: str) -> None:
    value, _, name = shown.partition(" ")
    asked = f"SELECT value FROM system.settings WHERE name = '{name}'"
    assert endpoint.told(f"{asked} SETTINGS {settings} FORMAT TSV") == f"{value}\n"
    assert endpoint.told(f"{asked} FORMAT TSV SETTINGS {settings}") == f"{value}\n"
