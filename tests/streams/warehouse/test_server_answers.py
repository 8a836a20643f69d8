"""What is asked is answered alike by a server and by the embedded engine, whatever it holds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dompet.streams.warehouse import Warehouse, WarehouseError

_ROOT = Path(__file__).parents[3]
_ASK = """
import sys
from dompet.streams.warehouse import open_warehouse
opened = open_warehouse(sys.argv[1])
sys.stdout.buffer.write(opened.answer(sys.argv[2], "CSV"))
opened.close()
"""
SEVERAL = "SELECT number AS a, toString(number) AS b FROM (SELECT number FROM system.numbers LIMIT 200000)"


@pytest.fixture(scope="module")
def warehouse(each_warehouse: Warehouse) -> Warehouse:
    """A warehouse of each kind in turn."""
    return each_warehouse


@pytest.mark.parametrize(
    ("sql", "csv"),
    [
        ("SELECT unhex('FFFE00626164') AS value", b'"\xff\xfe\x00bad"\n'),
        ("SELECT count() , count() FROM (SELECT 1)", b"1,1\n"),
        ("SELECT 1 AS a, 2 AS b, a, b", b"1,2,1,2\n"),
        ("SELECT (1, 'x') AS pair", b'1,"x"\n'),
        ("SELECT groupArray((toString(n), n)) AS pairs FROM (SELECT 7 AS n)", b"\"[('7',7)]\"\n"),
        ("SELECT [[1, 2], []] AS nested, NULL AS nothing", b'"[[1,2],[]]",\\N\n'),
        ("SELECT CAST(NULL AS Nullable(Int64)) AS a, CAST('b' AS Nullable(String)) AS b", b'\\N,"b"\n'),
        ("SELECT toDateTime('2020-04-11 08:00:00', 'UTC') AS at", b'"2020-04-11 08:00:00"\n'),
        ("SELECT toDateTime('2020-04-11 08:00:00', 'Asia/Jakarta') AS at", b'"2020-04-11 08:00:00"\n'),
        ("SELECT toDateTime('2020-04-11 08:00:00', 'UTC') + 3600 AS at", b'"2020-04-11 09:00:00"\n'),
        ("SELECT toDate('2020-04-11') AS day, [toDate('2020-04-12')] AS days", b'"2020-04-11","[\'2020-04-12\']"\n'),
        ("SELECT CAST('two' AS Enum8('one, (1)' = 1, 'two' = 2)) AS word", b'"two"\n'),
        ("SELECT toFixedString('ab', 3) AS fixed", b'"ab\x00"\n'),
        ("SELECT toDecimal64('1.50', 2) > 1 AS more, toInt64(-9223372036854775808) AS least", None),
        ("SELECT toUUID('00112233-4455-6677-8899-aabbccddeeff') AS id", b'"00112233-4455-6677-8899-aabbccddeeff"\n'),
        ("SELECT 1 AS `a``b\\`` ", None),
        ("SELECT 1 AS a WHERE 0", b""),
    ],
)
def test_every_kind_of_value_is_answered(warehouse: Warehouse, sql: str, csv: bytes | None) -> None:
    answered = warehouse.answer(sql, "CSV")
    assert csv is None or answered == csv


def test_columns_have_their_names_and_kinds_also_without_a_row(warehouse: Warehouse) -> None:
    for rows in ("1", "0"):
        answered = warehouse.answer(
            f"SELECT 'x' AS a, count() AS `b c` GROUP BY a HAVING {rows}", "TSVWithNamesAndTypes"
        )
        assert answered.splitlines()[:2] == [b"a\tb c", b"String\tUInt64"]


def test_rows_of_many_blocks_keep_their_order(warehouse: Warehouse) -> None:
    answered = warehouse.answer(SEVERAL, "TSV").splitlines()
    assert answered == [b"%d\t%d" % (number, number) for number in range(200_000)]


@pytest.mark.parametrize("each_warehouse", ["server", "engine"], indirect=True)
@pytest.mark.parametrize("sql", ["exit", "quit", "EXIT", "exit;", "Q", ":q"])
def test_a_word_that_ends_other_clients_is_no_query(warehouse: Warehouse, sql: str) -> None:
    with pytest.raises(WarehouseError, match=r"^only queries that read|Syntax error|Unknown expression identifier"):
        warehouse.answer(sql, "CSV")


@pytest.mark.parametrize("each_warehouse", ["server", "engine"], indirect=True)
@pytest.mark.parametrize("form", ["DataFrame", "dataframe", "ArrowTable", "debug", "Nope", "CSV; SELECT 1"])
def test_an_unknown_format_is_one_sentence(warehouse: Warehouse, form: str) -> None:
    with pytest.raises(WarehouseError, match=r"(?i)unknown format"):
        warehouse.answer("SELECT 1 AS a", form)
    assert warehouse.answer("SELECT 1 AS a", "CSV") == b"1\n"


@pytest.mark.parametrize("warehouse_kind", ["server"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Jakarta", "America/New_York"])
def test_times_are_not_those_of_who_asks(warehouse_url: str, zone: str) -> None:
    sql = "SELECT toDateTime('2020-04-11 08:00:00') AS a, toDateTime(1586592000) AS b, toDateTime(0, 'UTC') + 60 AS c"
    ran = subprocess.run(
        [sys.executable, "-c", _ASK, warehouse_url, sql],
        env={**os.environ, "TZ": zone}, cwd=_ROOT, capture_output=True, check=True,
    )  # fmt: skip
    assert ran.stdout == b'"2020-04-11 08:00:00","2020-04-11 08:00:00","1970-01-01 00:01:00"\n'
