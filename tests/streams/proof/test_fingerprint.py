"""A row's number is the same whether NumPy computes it or the warehouse does, whatever is in the row."""

from itertools import cycle, islice

import pyarrow as pa
import pytest

from dompet.projections.columns import Kind
from dompet.streams.proof.fingerprint import JOURNAL, ORDERS, WALLETS, Fingerprint, Stored
from dompet.streams.warehouse import Warehouse

_BIG = 2**63 - 1
_TEXTS = ("", "a", "sevenby", "eightbyt", "ninebytes", "é-7-7", "x" * 64, "y" * 65, " \\ ' \" ; --")
_INT64 = (0, 1, -1, 62, _BIG, -_BIG - 1)
_VALUES = {
    Kind.STRING: (pa.string(), _TEXTS),
    Kind.CATEGORY: (pa.string(), _TEXTS),
    Kind.INT64: (pa.int64(), _INT64),
    Kind.NULLABLE: (pa.int64(), (*_INT64, None)),
    Kind.INT32: (pa.int32(), (0, 1, -1, 2**31 - 1, -(2**31))),
    Kind.UINT8: (pa.uint8(), (0, 1, 255)),
}
_ROWS = 200


def hostile(stored: Stored, empty: tuple[str, ...] = ()) -> pa.Table:
    """Rows with every value of each column beside many of the others; the rows' places tell them apart."""
    columns = {}
    for at, (name, kind) in enumerate(stored.columns.items()):
        of, values = _VALUES[kind]
        columns[name] = pa.array(islice(cycle(values), at, at + _ROWS), of)
    for name in empty:
        columns[name] = pa.array([""] * _ROWS, pa.string())
    if stored is not JOURNAL:  # texts are these rows' keys: no two the same
        columns["beneficiary_id"] = pa.array([f"{value}{row}" for row, value in enumerate(columns["beneficiary_id"])])
    columns["partition"] = pa.array([3] * _ROWS, pa.int32())
    columns[stored.place] = pa.array(range(_ROWS), pa.int64())
    return pa.table(columns)


@pytest.mark.parametrize("stored", [JOURNAL, WALLETS, ORDERS], ids=lambda stored: stored.name)
@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_the_warehouse_and_numpy_compute_the_same_numbers(
    shared_warehouse: Warehouse, stored: Stored, seed: int
) -> None:
    for empty in ((), stored.texts[1:]):  # where no row has a text, the expression leaves it out
        rows = hostile(stored, empty)
        shared_warehouse.execute(f"TRUNCATE TABLE {stored.name}")
        shared_warehouse.insert(stored.name, rows)
        printed = Fingerprint(stored.columns, seed)
        longest = {name: max(len(text.as_py().encode()) for text in rows[name]) for name in stored.texts}
        number = printed.sql(longest)
        found = shared_warehouse.read(f"SELECT {number} AS number FROM {stored.name} FINAL ORDER BY {stored.place}")
        assert found["number"].to_pylist() == printed.of(rows).tolist()
        assert len(set(found["number"].to_pylist())) == _ROWS


def test_what_a_row_lacks_another_cannot_make_up_for() -> None:
    printed = Fingerprint({"a": Kind.INT64, "b": Kind.INT64}, 7)
    whole = printed.of(pa.table({"a": [5, 6], "b": [1, 2]})).sum()
    for a, b in (([6, 5], [1, 2]), ([5, 6], [2, 1]), ([4, 7], [1, 2]), ([5, 5], [1, 3])):
        assert printed.of(pa.table({"a": a, "b": b})).sum() != whole
    assert printed.of(pa.table({"a": [6, 5], "b": [2, 1]})).sum() == whole
