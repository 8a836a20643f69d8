"""Every view answers the same in the session of any tool: settings that change what SQL means do not change a view."""

from collections.abc import Mapping
from typing import Final

import pytest

from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.views import view_names
from tests.support.every_table import fill
from tests.support.warehouses import plain, rows_of

SETTINGS: Final = {
    "join_use_nulls": "1",
    "aggregate_functions_null_for_empty": "1",
    "prefer_column_name_to_alias": "1",
    "any_join_distinct_right_table_keys": "1",
    "join_default_strictness": "'ANY'",
    "transform_null_in": "1",
    "cast_keep_nullable": "1",
    "union_default_mode": "'DISTINCT'",
    "session_timezone": "'America/New_York'",
    "final": "1",
    "enable_optimize_predicate_expression": "1",
    "asterisk_left_columns_only": "1",
}
"""What tools send, or an administrator sets, each by itself."""
AT_ONCE: Final = {
    "group_by_use_nulls": "1",
    "join_any_take_last_row": "1",
    "joined_subquery_requires_alias": "0",
    "distinct_overflow_mode": "'break'",
    "result_overflow_mode": "'break'",
    "data_type_default_nullable": "1",
    "empty_result_for_aggregation_by_empty_set": "1",
    "enable_positional_arguments": "0",
    "count_distinct_implementation": "'uniq'",
    "extremes": "1",
    "max_threads": "1",
    "max_block_size": "3",
}
"""The same, all together."""


@pytest.fixture(scope="module")
def warehouse(shared_warehouse: Warehouse) -> Warehouse:
    """A warehouse of each kind in turn, in which no view is empty."""
    fill(shared_warehouse)
    return shared_warehouse


@pytest.fixture(scope="module")
def known(warehouse: Warehouse) -> set[str]:
    """The settings that this ClickHouse has."""
    return {str(row["name"]) for row in rows_of(warehouse, "SELECT name FROM system.settings")}


@pytest.fixture(scope="module")
def usual(warehouse: Warehouse) -> dict[str, list[str]]:
    """Each view's rows in a session without settings."""
    return {view: answer(warehouse, view) for view in sorted(view_names())}


def answer(warehouse: Warehouse, view: str, settings: Mapping[str, str] | None = None) -> list[str]:
    given = ", ".join(f"{name} = {value}" for name, value in (settings or {}).items())
    return sorted(map(repr, plain(warehouse.read(f"SELECT * FROM {view}{f' SETTINGS {given}' if given else ''}"))))


def test_no_view_is_empty_here(usual: dict[str, list[str]]) -> None:
    assert [view for view, rows in usual.items() if not rows] == []


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_view_shows_the_same_under_a_setting(
    warehouse: Warehouse, usual: dict[str, list[str]], known: set[str], setting: str
) -> None:
    if setting in known:
        for view, rows in usual.items():
            assert answer(warehouse, view, {setting: SETTINGS[setting]}) == rows, view


def test_every_view_shows_the_same_under_many_settings(
    warehouse: Warehouse, usual: dict[str, list[str]], known: set[str]
) -> None:
    settings = {name: value for name, value in AT_ONCE.items() if name in known}
    for view, rows in usual.items():
        assert answer(warehouse, view, settings) == rows, view


def test_a_limit_on_the_answers_rows_is_none_on_what_is_read(warehouse: Warehouse, usual: dict[str, list[str]]) -> None:
    for view, rows in usual.items():
        [found] = rows_of(warehouse, f"SELECT count() AS n FROM {view} SETTINGS max_result_rows = 1")
        assert found == {"n": len(rows)}, view


def test_every_setting_is_one_that_some_clickhouse_has(warehouse: Warehouse, known: set[str]) -> None:
    of_another = {"asterisk_left_columns_only"}
    if "join_any_take_last_row" in known:  # today's
        assert SETTINGS.keys() | AT_ONCE.keys() <= known | of_another
    else:
        assert {"join_use_nulls", *of_another, "distinct_overflow_mode"} <= known
