"""Nobody who asks can take more of an engine than its limits give, whatever he does with his connection."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.engines import Answer, Endpoint, EngineProcess, engine, in_front_of
from tests.support.warehouses import KINDS

pytestmark = pytest.mark.server

ENDLESS = "SELECT sum(sin(number)) FROM numbers(1000000000000)"
LONG = "SELECT sum(sin(number)) < 10 FROM numbers(150000000)"
TEDIOUS = "arrayStringConcat(arrayMap(x -> toString(sin(x + number)), range(100000)))"
"""A text of more than a megabyte, which takes some time."""
STREAM = "SELECT number FROM numbers(1000000000000)"
_LIMIT_S = 120.0


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """An engine with limits that are soon reached."""
    limits = {
        "seconds": 2,
        "memory_bytes": 200_000_000,
        "rows": 3_000_000,
        "sent_bytes": 10_000_000,
        "at_once": 2,
        "at_once_a_user": 1,
        "waiting": 2,
        "waiting_seconds": 5,
        "connections": 12,
        "request_seconds": 1,
        "stalled_seconds": 1,
    }
    with engine(tmp_path_factory.mktemp("tight") / "warehouse", **limits) as running:
        yield running


def code_of(answer: Answer) -> str:
    return answer.headers.get("X-ClickHouse-Exception-Code", "") or answer.text[-300:]


def running(engine: EngineProcess) -> list[str]:
    """The queries of guests that run, as the engine's owner sees them."""
    sql = "SELECT query FROM system.processes WHERE query NOT LIKE '%system.processes%'"
    return engine.own(sql, default_format="TSVRaw").text.splitlines()


def soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_query_that_takes_too_long_ends(tight: EngineProcess) -> None:
    answer = tight.ask(ENDLESS)
    assert (answer.status, code_of(answer)) == (408, "159")
    assert running(tight) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT groupArray(number) FROM numbers(1000000000)",
        "SELECT number, count() FROM numbers(1000000000) GROUP BY number % 900000000 AS number",
        "SELECT repeat('x', 1000000000)",
        "SELECT arrayMap(x -> range(x), range(20000))",
        "SELECT * FROM numbers(100000000) AS a JOIN numbers(100000000) AS b USING (number)",
    ],
)
def test_a_query_that_would_take_all_memory_ends_with_clickhouse_s_own_exception(
    tight: EngineProcess, sql: str
) -> None:
    assert code_of(tight.ask(sql)) in {"241", "131", "128", "159", "307"}
    assert tight.told("SELECT 1") == "1\n"


def test_an_answer_of_too_many_rows_or_bytes_ends(tight: EngineProcess) -> None:
    rows = tight.ask("SELECT 1 FROM numbers(4000000)")
    assert (rows.cut, "TOO_MANY_ROWS_OR_BYTES" in rows.text) == (True, True)
    for parameters in ({}, {"wait_end_of_query": 1}):
        longer = tight.ask("SELECT repeat('x', 1000) FROM numbers(100000)", parameters=parameters)
        assert "the answer is longer than 10000000 bytes. (TOO_MANY_BYTES)" in longer.text
    soon(lambda: running(tight) == [])


def test_who_asks_too_much_at_once_waits_and_where_too_many_wait_is_told_to_come_again(tight: EngineProcess) -> None:
    with ThreadPoolExecutor(9) as pool:
        answers = list(pool.map(lambda n: tight.ask(ENDLESS, user=f"u{n % 3}"), range(9)))
    told = sorted(answer.status for answer in answers)
    assert set(told) == {408, 429}
    assert told.count(429) >= 4
    for answer in answers:
        if answer.status == 429:
            assert (code_of(answer), answer.headers["Retry-After"]) == ("202", "1")
            assert "the engine is busy" in answer.text
    assert tight.told("SELECT 1") == "1\n"


def test_of_one_user_the_others_have_their_turn_beside_him(tight: EngineProcess) -> None:
    with ThreadPoolExecutor(2) as pool:
        long = pool.submit(tight.ask, ENDLESS, user="first")
        soon(lambda: len(running(tight)) == 1)
        assert tight.told("SELECT 1", user="second") == "1\n"
        assert not long.done()


@pytest.fixture(scope="module", params=KINDS)
def patient(
    request: pytest.FixtureRequest, clickhouse_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Endpoint]:
    """An engine, of its own warehouse or in front of a server, that lets queries take long."""
    if request.param == "server":
        with in_front_of(clickhouse_server, seconds=600) as in_front:
            yield in_front
        return
    with engine(tmp_path_factory.mktemp("patient") / "warehouse", seconds=600) as running:
        yield running


def test_short_queries_of_the_same_user_are_answered_beside_any_number_of_long_ones(patient: Endpoint) -> None:
    with ThreadPoolExecutor(8) as pool:
        long = [pool.submit(patient.ask, ENDLESS, user=f"u{n % 2}", query_id=f"long {n}") for n in range(8)]
        soon(lambda: turns(patient, "waiting") == 6)
        for n in range(20):
            assert patient.told("SELECT 1", user=f"u{n % 2}") == "1\n"
        assert turns(patient, "running") == 2
        end_all(patient, 8)
        assert {code_of(one.result()) for one in long} == {"394"}


def test_a_long_query_that_had_to_wait_gives_its_whole_answer(patient: Endpoint) -> None:
    with ThreadPoolExecutor(4) as pool:
        for n in range(2):
            pool.submit(patient.ask, ENDLESS, user="u0", query_id=f"long {n}")
        soon(lambda: turns(patient, "running") == 2)
        late = [pool.submit(patient.told, LONG, user=user) for user in ("u0", "u1")]
        soon(lambda: turns(patient, "waiting") == 2)
        assert not any(one.done() for one in late)
        end_all(patient, 2)
        assert [one.result() for one in late] == ["1\n"] * 2


def test_an_answer_that_has_begun_is_never_begun_again(patient: Endpoint) -> None:
    rows = f"SELECT number, {TEDIOUS} FROM numbers(60)"
    with ThreadPoolExecutor(2) as pool:
        for n in range(2):
            pool.submit(patient.ask, ENDLESS, user="u0", query_id=f"long {n}")
        soon(lambda: turns(patient, "running") == 2)
        lines = patient.told(rows, user="u1", max_block_size=1).splitlines()
        assert [line.split("\t", maxsplit=1)[0] for line in lines] == [str(n) for n in range(60)]
        end_all(patient, 2)


def turns(endpoint: Endpoint, what: str) -> int:
    """How many queries are `running`, or `waiting` for their turn."""
    return int(json.loads(endpoint.ask(path="/health", method="GET").text)[what])


def end_all(endpoint: Endpoint, number: int) -> None:
    """End the long queries with these numbers, whether they run or wait."""
    for n in range(number):
        for user in ("u0", "u1"):
            endpoint.told(f"KILL QUERY WHERE query_id = 'long {n}'", user=user)


def test_a_query_is_ended_by_its_own_user_and_by_no_other(tight: EngineProcess) -> None:
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(tight.ask, ENDLESS, user="me", query_id="it's mine")
        soon(lambda: len(running(tight)) == 1)
        kill = "KILL QUERY WHERE query_id = 'it\\'s mine'"
        assert tight.ask("SELECT 1", user="me", query_id="it's mine").headers["X-ClickHouse-Exception-Code"] == "216"
        assert tight.told(kill, user="another") == ""
        assert tight.told(f"{kill} SYNC FORMAT JSONEachRow", user="another") == ""
        assert not long.done()
        told = json.loads(tight.told(f"{kill} ASYNC FORMAT JSONEachRow;", user="me"))
        assert told == {"kill_status": "waiting", "query_id": "it's mine", "user": "me", "query": ""}
        assert code_of(long.result()) == "394"


def test_a_query_is_ended_at_any_moment_of_its_life(tight: EngineProcess) -> None:
    with ThreadPoolExecutor(1) as pool:
        for n in range(40):  # at some of them the engine has begun it, and ClickHouse does not know of it yet
            long = pool.submit(tight.ask, ENDLESS, user="me", query_id=f"new {n}")
            while tight.told(f"KILL QUERY WHERE query_id = 'new {n}'", user="me") == "":
                assert not long.done()
            assert code_of(long.result()) == "394"


@pytest.mark.parametrize("sql", [ENDLESS, STREAM])
def test_a_query_whose_asker_goes_away_ends(tight: EngineProcess, sql: str) -> None:
    with socket.create_connection(("127.0.0.1", tight.port)) as connection:
        request = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(sql)}\r\n\r\n{sql}"
        connection.sendall(request.encode())
        soon(lambda: len(running(tight)) == 1)
    soon(lambda: running(tight) == [])
    assert tight.told("SELECT 1") == "1\n"


def test_an_answer_that_nobody_reads_ends(tight: EngineProcess) -> None:
    with socket.create_connection(("127.0.0.1", tight.port)) as connection:
        sql = "SELECT repeat('x', 1000) FROM numbers(9000)"
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(f"GET /?query={sql.replace(' ', '+')} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        soon(lambda: len(running(tight)) == 1)
        soon(lambda: running(tight) == [])
        assert tight.told("SELECT 1") == "1\n"


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET /?query=SELECT",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nSELECT",
        b"\x16\x03",
    ],
)
def test_a_connection_that_asks_nothing_is_closed(tight: EngineProcess, begun: bytes) -> None:
    with socket.create_connection(("127.0.0.1", tight.port), timeout=_LIMIT_S) as connection:
        connection.sendall(begun)
        said = connection.recv(10_000)
        assert said == b"" or said.startswith((b"HTTP/1.1 503", b"HTTP/1.1 400", b"HTTP/1.0 400")), said


def test_too_many_connections_are_turned_away_and_owners_are_not_touched(tight: EngineProcess) -> None:
    held = [socket.create_connection(("127.0.0.1", tight.port), timeout=_LIMIT_S) for _ in range(12)]
    try:
        with socket.create_connection(("127.0.0.1", tight.port), timeout=_LIMIT_S) as one_more:
            said = one_more.recv(10_000)
            assert said.startswith(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n")
            assert b"too many connections" in said
        assert tight.own("SELECT 1", default_format="TSV").text == "1\n"
    finally:
        for connection in held:
            connection.close()
    soon(lambda: tight.ask("SELECT 1").status == 200)


def test_many_clients_that_do_all_of_it_leave_the_engine_well(tight: EngineProcess) -> None:
    def trouble(number: int) -> None:
        with socket.create_connection(("127.0.0.1", tight.port), timeout=_LIMIT_S) as connection:
            sql = (ENDLESS, STREAM, "SELECT 1", "SELECT file('/etc/passwd')")[number % 4]
            content = f"POST /?user={number} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(sql)}\r\n\r\n{sql}"
            connection.sendall(content.encode()[: len(content) - number % 3])
            if number % 5:
                connection.recv(100)

    threads = [threading.Thread(target=trouble, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    soon(lambda: running(tight) == [])
    soon(lambda: tight.ask("SELECT 1").status == 200)
    soon(lambda: pipes_of(tight) < 20)


def pipes_of(engine: EngineProcess) -> int:
    count = 0
    for descriptor in Path(f"/proc/{engine.process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            count += str(descriptor.readlink()).startswith("pipe:")
    return count


def test_an_engine_ends_in_order_whatever_runs_and_whoever_is_connected(tmp_path: Path) -> None:
    with engine(tmp_path / "warehouse") as busy, ThreadPoolExecutor(3) as pool:
        kept = http.client.HTTPConnection("127.0.0.1", busy.port)
        kept.request("GET", "/ping")
        assert kept.getresponse().read() == b"Ok.\n"
        asked = [pool.submit(busy.ask, sql, user=sql) for sql in (ENDLESS, STREAM)]
        soon(lambda: len(running(busy)) == 2)
        busy.process.terminate()
        assert busy.process.wait(_LIMIT_S) == 0
        for one in asked:
            with suppress(OSError, http.client.HTTPException):
                assert one.result().cut or one.result().status != 200
        kept.close()
