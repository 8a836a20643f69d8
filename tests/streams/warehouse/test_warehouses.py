"""What dompet asks of a warehouse, asked of both: ClickHouse's engine in the process, and a real server."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from dompet.streams.warehouse import Warehouse, WarehouseError
from tests.support.warehouses import plain

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
NOT_TEXT = b"\xff\x00\xc3'\\\n"

COLUMNS: dict[str, tuple[str, pa.DataType, list[Any]]] = {
    "number": ("Int64", pa.int64(), [INT64_MIN, INT64_MAX, 0]),
    "small": ("Int32", pa.int32(), [-(2**31), 2**31 - 1, 0]),
    "bits": ("UInt8", pa.uint8(), [0, 255, 1]),
    "digest": ("UInt64", pa.uint64(), [0, 2**64 - 1, 2**63]),
    "score": ("Nullable(Int64)", pa.int64(), [None, INT64_MIN, 0]),
    "note": ("String", pa.string(), ["", "é😀\u2028'\\\n\t", "x" * 512]),
    "raw": ("String", pa.binary(), [b"", NOT_TEXT, bytes(range(256))]),
    "value": ("Nullable(String)", pa.binary(), [None, NOT_TEXT, b""]),
    "platform": ("LowCardinality(String)", pa.dictionary(pa.int32(), pa.string()), ["", "é", ""]),
}


@pytest.fixture
def warehouse(each_warehouse: Warehouse) -> Iterator[Warehouse]:
    """A warehouse of each kind in turn, in which a test may make the table `scratch`."""
    yield each_warehouse
    each_warehouse.execute("DROP TABLE IF EXISTS scratch")


def make(warehouse: Warehouse, **types: str) -> None:
    declared = ", ".join(f"{name} {type_}" for name, type_ in types.items())
    warehouse.execute(f"CREATE TABLE scratch ({declared}) ENGINE = MergeTree ORDER BY tuple()")


def numbers(warehouse: Warehouse, values: list[int]) -> None:
    make(warehouse, n="Int64")
    warehouse.insert("scratch", pa.table({"n": pa.array(values, pa.int64())}))


@pytest.fixture
def everything(warehouse: Warehouse) -> pa.Table:
    """A table with a column of every kind, and rows to fill it with."""
    make(warehouse, place="Int32", **{name: type_ for name, (type_, _, _) in COLUMNS.items()})
    columns = {name: pa.array(values, type_) for name, (_, type_, values) in COLUMNS.items()}
    return pa.table({"place": pa.array([0, 1, 2], pa.int32()), **columns})


def test_every_kind_of_column_comes_back_as_it_was_inserted(warehouse: Warehouse, everything: pa.Table) -> None:
    warehouse.insert("scratch", everything)
    assert plain(warehouse.read("SELECT * FROM scratch ORDER BY place")) == plain(everything)


def test_a_table_in_pieces_is_inserted_whole(warehouse: Warehouse, everything: pa.Table) -> None:
    pieces = pa.concat_tables([everything.slice(1, 2), everything.slice(0, 1)])
    warehouse.insert("scratch", pieces)
    assert plain(warehouse.read("SELECT * FROM scratch ORDER BY place")) == plain(everything)


def test_a_result_without_rows_has_its_columns(warehouse: Warehouse, everything: pa.Table) -> None:
    assert warehouse.read("SELECT * FROM scratch").column_names == everything.column_names
    warehouse.insert("scratch", everything.slice(0, 0))
    assert warehouse.read("SELECT * FROM scratch").num_rows == 0


def test_columns_that_are_left_out_take_their_defaults(warehouse: Warehouse, everything: pa.Table) -> None:
    warehouse.insert("scratch", everything.select(["place"]))
    [row, *_] = plain(warehouse.read("SELECT * FROM scratch"))
    defaults = {"number": 0, "small": 0, "bits": 0, "digest": 0, "score": None, "value": None}
    assert row == {"place": 0, **defaults, "note": b"", "raw": b"", "platform": b""}


def test_many_rows_of_few_texts_keep_their_places(warehouse: Warehouse) -> None:
    make(warehouse, n="Int64", platform="LowCardinality(String)")
    codes = [n * 7 % 300 for n in range(20_000)]
    texts = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array([f"p{n}" for n in range(300)]))
    warehouse.insert("scratch", pa.table({"n": pa.array(range(20_000), pa.int64()), "platform": texts}))
    found = plain(warehouse.read("SELECT platform FROM scratch ORDER BY n"))
    assert [row["platform"] for row in found] == [f"p{code}".encode() for code in codes]


@pytest.mark.parametrize(
    "value",
    ["", "it's", "\\", "\\'", "%", "%(name)s", "a\nb\tc\0d", "é😀", "'; DROP TABLE scratch; --", INT64_MIN, INT64_MAX],
)
def test_parameters_are_values_and_never_sql(warehouse: Warehouse, value: str | int) -> None:
    [row] = plain(warehouse.read("SELECT %(value)s AS said, 10 %% 3 AS rest", {"value": value}))
    assert row == {"said": value.encode() if isinstance(value, str) else value, "rest": 1}


def test_a_tuple_is_a_parameter_too(warehouse: Warehouse) -> None:
    numbers(warehouse, [1, 2, 3])
    found = warehouse.read("SELECT n FROM scratch WHERE n IN %(some)s ORDER BY n", {"some": (3, 1)})
    assert found["n"].to_pylist() == [1, 3]


@pytest.mark.parametrize("call", ["read", "execute", "answer"])
def test_what_clickhouse_refuses_is_reported_in_its_words_without_a_trace(warehouse: Warehouse, call: str) -> None:
    with pytest.raises(WarehouseError) as refused:
        getattr(warehouse, call)("SELECT nonsense FROM scratch", *["CSV"] * (call == "answer"))
    assert "scratch" in str(refused.value)
    assert "Stack trace" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_it_goes_on_after_a_refusal(warehouse: Warehouse) -> None:
    numbers(warehouse, [1])
    with pytest.raises(WarehouseError):
        warehouse.insert("scratch", pa.table({"no_such_column": pa.array([1])}))
    with pytest.raises(WarehouseError):
        warehouse.answer("SELECT nonsense", "CSV")
    warehouse.insert("scratch", pa.table({"n": pa.array([2])}))
    assert warehouse.answer("SELECT sum(n) FROM scratch", "CSV") == b"3\n"


ANSWERS = {
    "CSV": '2,"it\'s"\n1,\\N\n3,"é"\n',
    "CSVWithNames": '"n","said"\n2,"it\'s"\n1,\\N\n3,"é"\n',
    "TSV": "2\tit\\'s\n1\t\\N\n3\té\n",
    "Markdown": "| n | said |\n|-:|:-|\n| 2 | it\\'s |\n| 1 | \\N |\n| 3 | é |\n",
}
ROWS = [{"n": 2, "said": "it's"}, {"n": 1, "said": None}, {"n": 3, "said": "é"}]


@pytest.fixture
def asked(warehouse: Warehouse) -> str:
    """A query with three rows in an order of its own."""
    make(warehouse, n="Int32", said="Nullable(String)")
    said = pa.array(["é", "it's", None])
    warehouse.insert("scratch", pa.table({"n": pa.array([3, 2, 1], pa.int32()), "said": said}))
    return "SELECT n, said FROM scratch ORDER BY n = 2 DESC, n"


@pytest.mark.parametrize("form", ANSWERS)
def test_an_answer_is_rendered_as_clickhouse_does(warehouse: Warehouse, asked: str, form: str) -> None:
    assert warehouse.answer(asked, form).decode() == ANSWERS[form]


def test_an_answer_in_json_holds_every_row_in_order(warehouse: Warehouse, asked: str) -> None:
    assert [json.loads(line) for line in warehouse.answer(asked, "JSONEachRow").splitlines()] == ROWS
    assert json.loads(warehouse.answer(asked, "JSON"))["data"] == ROWS


def test_a_pretty_answer_is_a_table(warehouse: Warehouse, asked: str) -> None:
    answer = warehouse.answer(asked, "PrettyCompact").decode()
    assert [answer.index(f" {n} │") for n in (2, 1, 3)] == sorted(answer.index(f" {n} │") for n in (2, 1, 3))


def test_a_long_answer_keeps_its_order(warehouse: Warehouse) -> None:
    answer = warehouse.answer("SELECT number FROM system.numbers LIMIT 200000", "CSV")
    assert answer == b"".join(b"%d\n" % n for n in range(200_000))


def test_an_answer_may_have_no_rows(warehouse: Warehouse, asked: str) -> None:
    assert warehouse.answer(f"SELECT * FROM ({asked}) WHERE n > 9", "CSV") == b""


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("person = 'a'", [("a", "revoked", 2)]),
        ("status = 'active'", []),
        ("person = 'a' AND status = 'active'", []),
        ("person IN ('a', 'b') AND status != 'active'", [("a", "revoked", 2), ("b", "revoked", 1)]),
        ("version = 1", [("b", "revoked", 1)]),
    ],
)
def test_a_row_that_a_newer_one_replaced_fulfils_no_condition(
    warehouse: Warehouse, condition: str, found: list[tuple[str, str, int]]
) -> None:
    warehouse.execute(
        "CREATE TABLE scratch (person String, status String, version Int64) ENGINE = ReplacingMergeTree(version)"
        " ORDER BY person SETTINGS index_granularity = 1024"
    )
    types = pa.schema([("person", pa.string()), ("status", pa.string()), ("version", pa.int64())])
    for block in ([("a", "active", 1), ("b", "revoked", 1)], [("a", "revoked", 2)]):
        rows = [dict(zip(types.names, row, strict=True)) for row in block]
        warehouse.insert("scratch", pa.Table.from_pylist(rows, types))
    latest = f"SELECT person, status, version FROM (SELECT * FROM scratch FINAL) WHERE {condition} ORDER BY person"
    assert [tuple(row.values()) for row in warehouse.rows(latest)] == found
