"""Values in SQL are those that clickhouse-driver would write, and ClickHouse reads them back as they were."""

from typing import Any

import pytest
from clickhouse_driver.util.escape import escape_param
from hypothesis import given
from hypothesis import strategies as st

from dompet.streams.warehouse import Warehouse, WarehouseError
from dompet.streams.warehouse.base import bound
from dompet.streams.warehouse.literals import literal

TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\0\a\b\t\n\v\f\r\\'\"%`"))
VALUES = st.recursive(
    TEXTS | st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple),
    max_leaves=5,
)
HOSTILE = "a'b\\'c\\\\' OR 1=1 -- \0\a\b\t\n\v\f\r`\"%(x)s%%{}é\U0001f600"


@given(VALUES)
def test_any_value_is_written_as_the_driver_would(value: Any) -> None:
    assert literal(value) == str(escape_param(value, None))


def test_a_hostile_text_comes_back_as_it_was(each_warehouse: Warehouse) -> None:
    sql = "SELECT %(text)s AS text, has(%(texts)s, %(text)s) AS there"
    assert each_warehouse.rows(sql, {"text": HOSTILE, "texts": [HOSTILE]}) == [{"text": HOSTILE, "there": 1}]


def test_a_value_of_another_kind_is_no_parameter() -> None:
    with pytest.raises(TypeError, match=r"^object is no value for SQL$"):
        bound("SELECT %(value)s", {"value": object()})


def test_a_text_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(WarehouseError, match=r"^name is not UTF-8$"):
        bound("SELECT %(name)s", {"name": "\udcff"})
