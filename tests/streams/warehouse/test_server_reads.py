"""A server's answers as tables of Arrow: what clickhouse-driver makes of them with pandas, without it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from clickhouse_driver import Client

from dompet.streams.warehouse import Warehouse, WarehouseError, WarehouseUnavailable, open_warehouse

_ROOT: Final = Path(__file__).parents[3]
_MANY: Final = "(SELECT toInt64(number) AS n FROM system.numbers LIMIT 150000)"
_ASK: Final = """
from dompet.streams.process.memory import prepare_process
prepare_process()
import sys
from dompet.streams.warehouse import open_warehouse
opened = open_warehouse(sys.argv[1])
print(opened.read("SELECT 'a' AS a, toDate(1) AS b, [1] AS c").to_pylist(), opened.answer("SELECT 1 AS a", "CSV"))
print("pandas" in sys.modules)
"""


@pytest.fixture(scope="module")
def server(clickhouse_server: str) -> Iterator[Warehouse]:
    """The server, in which nothing is changed."""
    with closing(open_warehouse(clickhouse_server)) as opened:
        yield opened


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT toInt8(-1) AS a, toInt16(-2) AS b, toInt32(-3) AS c, toInt64(-4) AS d, 1.5 AS e, toFloat32(2.5) AS f",
        "SELECT toUInt8(1) AS a, toUInt16(2) AS b, toUInt32(3) AS c, toUInt64(18446744073709551615) AS d",
        "SELECT toDate('2020-01-02') AS a, toDate('2105-01-02') AS b, toDateTime('2020-01-02 03:04:05', 'UTC') AS c",
        "SELECT NULL AS a, CAST(NULL AS Nullable(Int64)) AS b, CAST('x' AS Nullable(String)) AS c",
        "SELECT CAST(NULL AS Nullable(String)) AS a, CAST(NULL AS Nullable(Date)) AS b, unhex('FF00') AS c",
        "SELECT [1, 2] AS a, ['b', ''] AS b, emptyArrayInt64() AS c, [toDate('2020-01-01')] AS d",
        "SELECT CAST('b' AS Enum8('a' = 1, 'b' = 2)) AS a, toFixedString('ab', 3) AS b, toDecimal64('1.50', 2) AS c",
        f"SELECT n, toString(n) AS a, if(n % 3 = 0, NULL, toString(n)) AS b, if(n % 3 = 0, NULL, n) AS c FROM {_MANY}",
        f"SELECT n, toString(n) AS a FROM {_MANY} WHERE n < 0",
        "SELECT dummy, count() AS n FROM system.one GROUP BY dummy WITH TOTALS",
    ],
)
def test_a_table_is_as_the_driver_has_it_with_pandas(clickhouse_server: str, server: Warehouse, sql: str) -> None:
    with Client.from_url(f"{clickhouse_server}?use_numpy=1&strings_as_bytes=1") as client:
        expected = client.query_arrow(sql, field_metadata=False)
    found = server.read(sql)
    assert found.schema == expected.schema
    assert found.to_pylist() == expected.to_pylist()


def test_few_texts_are_read_with_and_without_missing_ones(server_database: str) -> None:
    with closing(open_warehouse(server_database)) as opened:
        few = "a LowCardinality(String), b LowCardinality(Nullable(String))"
        opened.execute(f"CREATE TABLE t (n Int64, {few}) ENGINE = Log")
        opened.execute(f"INSERT INTO t SELECT n, toString(n % 300), if(n % 2 = 1, NULL, toString(n % 5)) FROM {_MANY}")
        found = opened.read("SELECT n, a, b FROM t ORDER BY n").to_pylist()
    assert found == [{"n": n, "a": b"%d" % (n % 300), "b": None if n % 2 else b"%d" % (n % 5)} for n in range(150_000)]


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("compression=fast", "the URL of the ClickHouse server has a wrong option: String is not true/false: 'fast'"),
        ("insert_block_size=0", "the URL of the ClickHouse server has a wrong option: insert_block_size is at least 1"),
        ("send_receive_timeout=long", "the URL of the ClickHouse server has a wrong option: could not convert"),
    ],
)
def test_a_wrong_option_of_the_url_is_one_sentence(clickhouse_server: str, option: str, sentence: str) -> None:
    with pytest.raises(WarehouseError) as refused:
        open_warehouse(f"{clickhouse_server}?{option}")
    assert str(refused.value).startswith(sentence)


def test_a_process_that_asks_a_server_loads_no_pandas(clickhouse_server: str) -> None:
    command = [sys.executable, "-c", _ASK, clickhouse_server]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=_ROOT, timeout=60)
    assert ran.stdout.splitlines() == [
        "[{'a': b'a', 'b': datetime.date(1970, 1, 2), 'c': [1]}] b'1\\n'",
        "False",
    ]


def test_a_question_that_is_stopped_at_any_moment_is_gone_at_the_server(
    clickhouse_server: str, server: Warehouse
) -> None:
    endless = "SELECT sum(sin(number)) AS endless FROM system.numbers"
    with ThreadPoolExecutor(1) as pool:
        for n in range(30):
            with closing(open_warehouse(clickhouse_server)) as opened:
                reading = pool.submit(opened.read, endless)
                time.sleep(n / 10_000)  # at some of them it is being sent
                while not reading.done():
                    opened.stop()
                    time.sleep(0.05)
                with pytest.raises(WarehouseUnavailable, match=r"^the question was given up$"):
                    reading.result()
    there = "SELECT count() AS n FROM system.processes WHERE query LIKE '%AS endless %' AND query NOT LIKE '%LIKE%'"
    deadline = time.monotonic() + 30
    while server.rows(there) != [{"n": 0}]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_after_an_answer_in_a_format_the_same_connection_reads_tables(clickhouse_server: str) -> None:
    with closing(open_warehouse(clickhouse_server)) as opened:
        for number in range(3):
            assert opened.answer(f"SELECT {number} AS a", "CSV") == f"{number}\n".encode()
            assert opened.read(f"SELECT {number} AS a").to_pylist() == [{"a": number}]
