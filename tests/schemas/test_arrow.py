"""NumPy arrays as Arrow columns."""

import numpy as np
import pyarrow as pa
import pytest

from dompet.schemas.arrow import arrow_numbers


@pytest.mark.parametrize("kind", ["int64", "int32", "uint8", "uint32", "uint64", "bool"])
@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 1_000])
def test_a_column_is_what_pyarrow_makes_of_the_array(kind: str, size: int) -> None:
    values = np.random.default_rng(size).integers(0, 2, size).astype(kind)
    assert arrow_numbers(values).equals(pa.array(values))


@pytest.mark.parametrize("size", [0, 1, 9, 1_000])
def test_it_is_null_where_it_is_not_present(size: int) -> None:
    values, present = np.arange(size), np.arange(size) % 3 > 0
    made = arrow_numbers(values, present)
    assert made.equals(pa.array(values, mask=~present))
    assert made.null_count == size - present.sum()


def test_a_field_of_structured_rows_is_a_column_too() -> None:
    rows = np.zeros(5, dtype=[("amount", np.int64), ("status", np.uint8)])
    rows["amount"] = np.arange(5)
    assert arrow_numbers(rows["amount"]).to_pylist() == [0, 1, 2, 3, 4]
