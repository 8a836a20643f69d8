"""What anybody may ask of a warehouse, and what not: queries read, and nothing else."""

import tempfile
import uuid
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pytest

from dompet.streams.warehouse import Warehouse, WarehouseError
from dompet.streams.warehouse.base import bound
from tests.support.warehouses import plain

FILE = Path(tempfile.gettempdir()) / f"dompet-{uuid.uuid4()}"


@pytest.fixture(scope="module")
def warehouse(each_warehouse: Warehouse) -> Warehouse:
    """A warehouse of each kind in turn, with a table of two numbers."""
    each_warehouse.execute("CREATE TABLE scratch (n Int64) ENGINE = MergeTree ORDER BY n")
    each_warehouse.insert("scratch", pa.table({"n": pa.array([1, 2], pa.int64())}))
    return each_warehouse


CHANGES = [
    "INSERT INTO scratch VALUES (9)",
    "INSERT INTO scratch SELECT 9",
    f"INSERT INTO FUNCTION file('{FILE}', 'CSV', 'n Int8') SELECT 1",
    "CREATE TABLE other (n Int64) ENGINE = Memory",
    "CREATE TEMPORARY TABLE other (n Int64)",
    "CREATE DATABASE other",
    "CREATE VIEW other AS SELECT 1",
    "ALTER TABLE scratch ADD COLUMN m Int64",
    "ALTER TABLE scratch DELETE WHERE 1",
    "DROP TABLE scratch",
    "RENAME TABLE scratch TO other",
    "OPTIMIZE TABLE scratch",
    "SYSTEM STOP MERGES",
    "KILL QUERY WHERE 1",
    "USE system",
    "/* a comment first */ USE system",
    "-- and so\nUSE system",
    "SET readonly = 0",
    "SET max_threads = 1",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT 1; DROP TABLE scratch",
    "SELECT 1; SELECT 2",
    "",
    "-- nothing",
]
FILES = [
    "INTO OUTFILE '{file}'",
    "into\n outfile '{file}'",
    "INTO/**/OUTFILE '{file}'",
    "/* ' */ INTO OUTFILE '{file}' /* ' */",
    "AS `'` INTO OUTFILE '{file}' -- `'`",
]
NEW_FILES = ["# '\n INTO OUTFILE '{file}' # '", "AS a, $t$'$t$ INTO OUTFILE '{file}' -- '"]
"""Ways to hide a clause that only today's engine knows. A server leaves files to its client anyway."""


def assert_untouched(warehouse: Warehouse) -> None:
    tables = {row["name"] for row in plain(warehouse.read("SHOW TABLES"))}
    assert b"scratch" in tables
    assert b"other" not in tables
    assert warehouse.answer("SELECT n FROM scratch ORDER BY n", "CSV") == b"1\n2\n"


@pytest.mark.parametrize("text", [b"\xff".decode("utf-8", "surrogateescape"), "a\ud800"])
def test_a_parameter_that_is_not_utf_8_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(WarehouseError, match=r"^platform_id is not UTF-8$"):
        bound("SELECT %(platform_id)s", {"platform_id": text})


@pytest.mark.parametrize("sql", CHANGES)
def test_what_is_not_one_query_that_reads_is_refused(warehouse: Warehouse, sql: str) -> None:
    with pytest.raises(WarehouseError):
        warehouse.answer(sql, "CSV")
    assert_untouched(warehouse)


@pytest.mark.parametrize("clause", FILES)
def test_no_query_writes_a_file(warehouse: Warehouse, clause: str) -> None:
    with pytest.raises(WarehouseError, match=r"INTO OUTFILE is not for (read-only queries|guests)"):
        warehouse.answer(f"SELECT 1 {clause.format(file=FILE)}", "CSV")
    assert not FILE.exists()


@pytest.mark.parametrize("clause", NEW_FILES)
def test_no_new_kind_of_comment_or_quote_hides_a_file(warehouse: Warehouse, clause: str) -> None:
    with suppress(WarehouseError):
        warehouse.answer(f"SELECT 1 {clause.format(file=FILE)}", "CSV")
    assert not FILE.exists()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'INTO OUTFILE'",
        "SELECT 'it\\'s INTO OUTFILE'",
        "SELECT 1 -- INTO OUTFILE",
        " -- a remark\n select 1",
        "/* two\nlines */SELECT 1;",
        "(SELECT 1)",
        "SHOW TABLES",
        "DESCRIBE TABLE wallets",
        "DESC wallets",
        "EXISTS TABLE wallets",
        "WITH 1 AS one SELECT one",
    ],
)
def test_what_reads_is_answered(warehouse: Warehouse, sql: str) -> None:
    assert warehouse.answer(sql, "CSV")


def test_nothing_of_a_query_that_failed_half_way_comes_before_the_next_answer(warehouse: Warehouse) -> None:
    failing = "SELECT number, throwIf(number = 1500000) FROM (SELECT number FROM system.numbers LIMIT 2000000)"
    for _ in range(2):
        with pytest.raises(WarehouseError):
            warehouse.answer(failing, "CSV")
        assert warehouse.answer("SELECT 7", "CSV") == b"7\n"
        with pytest.raises(WarehouseError):
            warehouse.read(failing)
        assert plain(warehouse.read("SELECT 7 AS n")) == [{"n": 7}]


def test_a_mistake_is_reported_as_it_was_made(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError) as refused:
        warehouse.answer("SELECT 1 +", "CSV")
    assert "Syntax error: failed at position" in str(refused.value)
    assert "formatQuery" not in str(refused.value)
