"""Rows into a warehouse: whatever Arrow holds them in, the table gets just them."""

import io
from collections.abc import Iterator
from itertools import count
from typing import Any, Final

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.engine import rendered
from dompet.streams.warehouse.fitting import fitted
from dompet.streams.warehouse.memory_files import memory_file, path_of
from dompet.streams.warehouse.native import native_block
from tests.support.warehouses import plain

pytestmark = pytest.mark.server

FEW: Final = pa.dictionary(pa.int32(), pa.string())
FEW_BYTES: Final = pa.dictionary(pa.int8(), pa.binary())
TEXTS: Final = st.one_of(st.text(st.characters(codec="utf-8"), max_size=20), st.sampled_from(["", "x" * 300]))
BYTES: Final = st.one_of(st.binary(max_size=20), st.sampled_from([b"\xff\0\xc3'\\\n", b"y" * 20_000]))


def numbers(low: int, high: int) -> st.SearchStrategy[int]:
    return st.one_of(st.integers(low, high), st.sampled_from([low, high]))


KINDS: Final[dict[str, tuple[str, tuple[pa.DataType, ...], st.SearchStrategy[Any]]]] = {
    "flag": ("UInt8", (pa.uint8(), pa.int64()), numbers(0, 255)),
    "digest": ("UInt64", (pa.uint64(),), numbers(0, 2**64 - 1)),
    "small": ("Int32", (pa.int32(), pa.int64()), numbers(-(2**31), 2**31 - 1)),
    "number": ("Int64", (pa.int64(),), numbers(-(2**63), 2**63 - 1)),
    "text": ("String", (pa.string(), pa.binary(), FEW), TEXTS),
    "raw": ("String", (pa.binary(), FEW_BYTES), BYTES),
    "score": ("Nullable(Int64)", (pa.int64(),), st.none() | numbers(-(2**63), 2**63 - 1)),
    "value": ("Nullable(String)", (pa.binary(),), st.none() | BYTES),
    "few": ("LowCardinality(String)", (FEW, pa.string(), pa.binary()), st.sampled_from(["", "a", "é", "x" * 200])),
}
"""By column: ClickHouse's type, Arrow's types for it, and its values."""
SERVERS_TYPES: Final = {"place": "Int64", **{name: kind for name, (kind, _, _) in KINDS.items()}}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Rows of every kind, in pieces that are parts of longer columns."""
    size = draw(st.integers(1, 12))
    columns = {"place": pa.array(range(size), pa.int64())}
    for name, (_, types, values) in KINDS.items():
        found = draw(st.lists(values, min_size=size, max_size=size))
        columns[name] = as_type(found, draw(st.sampled_from(types)))
    whole, cut = pa.table(columns), draw(st.integers(0, size))
    return pa.concat_tables([whole.slice(0, cut), whole.slice(cut)])


def as_type(values: list[Any], type_: pa.DataType) -> pa.Array:
    inner = type_.value_type if pa.types.is_dictionary(type_) else type_
    if inner == pa.binary():
        values = [value.encode() if isinstance(value, str) else value for value in values]
    return pa.array(values, inner).dictionary_encode().cast(type_) if inner != type_ else pa.array(values, type_)


@pytest.fixture(scope="module")
def warehouse(each_warehouse: Warehouse) -> Iterator[Warehouse]:
    """A warehouse of each kind in turn, with a table that has a column of every kind."""
    declared = ", ".join(f"{name} {kind}" for name, kind in SERVERS_TYPES.items())
    each_warehouse.execute(f"CREATE TABLE scratch (of Int64, {declared}) ENGINE = MergeTree ORDER BY (of, place)")
    yield each_warehouse
    each_warehouse.execute("DROP TABLE scratch")


@pytest.fixture(scope="module")
def turns() -> Iterator[int]:
    """Numbers for what is inserted, each of them once."""
    return count()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=tables())
def test_any_table_is_read_back_as_it_was_inserted(warehouse: Warehouse, turns: Iterator[int], rows: pa.Table) -> None:
    of = next(turns)
    warehouse.insert("scratch", rows.append_column("of", pa.array([of] * len(rows), pa.int64())))
    columns = ", ".join(SERVERS_TYPES)
    found = warehouse.read(f"SELECT {columns} FROM scratch WHERE of = %(of)s ORDER BY place", {"of": of})
    assert plain(found) == plain(rows)


@settings(max_examples=40)
@given(rows=tables())
def test_the_bytes_for_a_server_are_the_same_rows_to_the_embedded_engine(rows: pa.Table) -> None:
    declared = ", ".join(f"{name} {kind}" for name, kind in SERVERS_TYPES.items())
    with memory_file("block") as file:
        file.writelines(native_block(fitted(rows, SERVERS_TYPES), SERVERS_TYPES))
        file.flush()
        sql = f"SELECT * FROM file('{path_of(file)}', 'Native', '{declared}')"
        found = pa.ipc.open_file(io.BytesIO(rendered(sql, "Arrow", "UTC"))).read_all()
    assert plain(found) == plain(rows)


def test_many_different_texts_keep_their_places(warehouse: Warehouse, turns: Iterator[int]) -> None:
    of, size = next(turns), 70_000
    codes = pa.array([place * 7 % size for place in range(size)], pa.int32())
    texts = pa.DictionaryArray.from_arrays(codes, pa.array([f"t{number}" for number in range(size)]))
    place = pa.array(range(size), pa.int64())
    warehouse.insert("scratch", pa.table({"of": pa.array([of] * size, pa.int64()), "place": place, "few": texts}))
    right = "sum(few = concat('t', toString(place * 7 %% 70000))) AS right"
    found = plain(warehouse.read(f"SELECT count() AS n, {right} FROM scratch WHERE of = %(of)s", {"of": of}))
    assert found == [{"n": size, "right": size}]
