"""Inserts over a server's connection: what does not fit is refused, and a cut or a stop leaves whole blocks only."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Final

import pyarrow as pa
import pytest

from dompet.streams.warehouse import Warehouse, WarehouseError, WarehouseUnavailable, open_warehouse
from tests.faults.proxy import Link, Network
from tests.support.warehouses import plain

FEW: Final = pa.dictionary(pa.int32(), pa.string())


@pytest.fixture
def table(server_database: str) -> Iterator[Warehouse]:
    """A database of the server that has the table `kinds`."""
    with closing(open_warehouse(server_database)) as opened:
        opened.execute(
            "CREATE TABLE kinds (n Int32, text String, few LowCardinality(String), day Date, score Nullable(Int64))"
            " ENGINE = MergeTree ORDER BY n"
        )
        yield opened


@pytest.mark.parametrize("options", ["insert_block_size=7", "compression=lz4", "compression=lz4&insert_block_size=9"])
def test_rows_come_in_blocks_and_compressed_as_the_url_says(server_database: str, options: str) -> None:
    rows = pa.table({"n": pa.array(range(50), pa.int64()), "text": [f"text {n}" * 9 for n in range(50)]})
    with closing(open_warehouse(f"{server_database}?{options}")) as opened:
        opened.execute("CREATE TABLE t (n Int64, text String) ENGINE = MergeTree ORDER BY n")
        opened.insert("t", rows)
        assert plain(opened.read("SELECT n, text FROM t ORDER BY n")) == plain(rows)
        assert opened.answer("SELECT count() FROM t", "CSV") == b"50\n"


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"n": pa.array([2**31], pa.int64())}, r"column n is of type Int32: Integer value 2147483648 not in range"),
        ({"n": pa.array([None], pa.int32())}, r"column n is of type Int32, which has no place for what is missing$"),
        ({"text": pa.array([None], pa.string())}, r"column text is of type String, which has no place"),
        (
            {"few": pa.array([None]).cast(FEW)},
            r"column few is of type LowCardinality\(String\), which has no place",
        ),
        ({"n": pa.array(["x"])}, r"column n is of type Int32: Failed to parse string"),
        ({"day": pa.array([1], pa.int32())}, r"column day is of type Date, which dompet does not write$"),
        ({"nothing": pa.array([1])}, r"nothing"),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_the_next_insert_works(
    table: Warehouse, columns: dict[str, pa.Array], sentence: str
) -> None:
    with pytest.raises(WarehouseError, match=sentence) as refused:
        table.insert("kinds", pa.table(columns))
    assert "\n" not in str(refused.value)
    assert not isinstance(refused.value, WarehouseUnavailable)
    table.insert("kinds", pa.table({"n": [1]}))
    assert table.answer("SELECT n, text, few, score FROM kinds", "CSV") == b'1,"","",\\N\n'


@pytest.fixture
def link(clickhouse_server: str) -> Iterator[Link]:
    """A link to the server."""
    with Network() as network:
        yield network.link(int(clickhouse_server.rpartition(":")[2].partition("/")[0]))


@pytest.fixture
def linked(server_database: str, link: Link) -> Iterator[Warehouse]:
    """The database over the link, with the table `t`."""
    port = server_database.rpartition(":")[2].partition("/")[0]
    with closing(open_warehouse(server_database.replace(f":{port}/", f":{link.port}/"))) as opened:
        opened.execute("CREATE TABLE t (n Int64) ENGINE = MergeTree ORDER BY n")
        yield opened


def counted(url: str) -> int:
    with closing(open_warehouse(url)) as opened:
        return int(opened.rows("SELECT count() AS n FROM t")[0]["n"])


def until_one_is_inserting(url: str) -> None:
    with closing(open_warehouse(url)) as opened:
        while not opened.rows("SELECT count() AS n FROM system.processes WHERE query LIKE 'INSERT INTO t%%'")[0]["n"]:
            time.sleep(0.01)


def test_a_connection_cut_in_a_block_leaves_no_row_or_all_and_the_next_insert_works(
    server_database: str, linked: Warehouse, link: Link
) -> None:
    size, there = 40_000, 0
    rows = pa.table({"n": pa.array(range(size), pa.int64())})  # five pieces of the link's
    for pieces in range(1, 9):
        link.cut_after(pieces, 3_600)
        try:
            linked.insert("t", rows)
        except WarehouseUnavailable as error:
            assert str(error).startswith("ClickHouse at 127.0.0.1:")
        link.come_back()
        found = counted(server_database)
        assert found - there in (0, size)
        linked.insert("t", rows)
        there = counted(server_database)
        assert there == found + size
    assert link.breaks > 5


def test_an_insert_that_is_given_up_ends_at_once_and_leaves_no_row(
    server_database: str, linked: Warehouse, link: Link
) -> None:
    link.delay_s = 0.05  # for each piece of 65,536 bytes
    rows = pa.table({"n": pa.array(range(4_000_000), pa.int64())})  # more than the connections hold on their way
    with ThreadPoolExecutor(1) as other:
        inserting = other.submit(linked.insert, "t", rows)
        until_one_is_inserting(server_database)
        linked.stop()
        with pytest.raises(WarehouseUnavailable, match=r"^the question was given up$"):
            inserting.result()
    assert counted(server_database) == 0
