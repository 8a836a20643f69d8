"""Views of rows: a rule reads and writes fields, and the table changes only where the view is stored."""

from typing import Any

import numpy as np
import pytest

from dompet.projections.state import Table
from dompet.projections.views import Columns, One, OneEvent, View, choose


@pytest.fixture
def table() -> Table:
    table = Table({"balance": np.int64, "status": np.uint8, "flag": np.bool_})
    rows = table.add(4)
    table["balance"][rows] = [10, 20, 30, 40]
    return table


def test_a_view_reads_its_rows_in_their_order(table: Table) -> None:
    assert View(table, np.array([3, 0, 1])).balance.tolist() == [30, 0, 10]
    assert One(table, 2).balance == 20


def test_what_is_changed_stays_in_the_view_until_it_is_stored(table: Table) -> None:
    view = View(table, np.array([4, 2]))
    view.balance -= np.array([1, 2])
    assert table["balance"][:5].tolist() == [0, 10, 20, 30, 40]
    view.store(table)
    assert table["balance"][:5].tolist() == [0, 10, 18, 30, 39]


def test_what_was_before_is_kept_when_a_field_changes_in_place(table: Table) -> None:
    view = View(table, np.array([1, 2]))
    view.balance += 5
    view.balance += 5
    assert view.balance.tolist() == [20, 30]
    assert view.before["balance"].tolist() == [10, 20]
    assert view.changed == {"balance"}


def test_a_field_that_is_only_written_has_what_was_before_too(table: Table) -> None:
    view = One(table, 3)
    view.balance = 0
    assert (view.balance, view.before["balance"]) == (0, 30)


def test_a_field_that_is_only_read_is_not_written(table: Table) -> None:
    view = View(table, np.array([1]))
    assert view.balance.tolist() == [10]
    table["balance"][1] = 11
    view.store(table)
    assert table["balance"][1] == 11


def test_a_single_row_has_plain_numbers(table: Table) -> None:
    view = One(table, 1)
    assert [type(value) for value in (view.balance, view.status, view.flag)] == [int, int, bool]
    view.balance += 2**40
    view.store(table)
    assert table["balance"][1] == 10 + 2**40


@pytest.mark.parametrize(("rows", "exists"), [(0, False), (1, True), (np.array([0, 2]), [False, True])])
def test_row_zero_is_what_does_not_exist(table: Table, rows: Any, exists: Any) -> None:
    view = View(table, rows)
    assert np.array_equal(view.exists, exists)
    assert np.array_equal(view.missing, np.logical_not(exists))


def test_a_column_that_no_event_has_is_zero() -> None:
    events = Columns({"amount": np.array([7, 8])}, 2)
    assert View(events, np.array([1, 0])).amount.tolist() == [8, 7]
    assert View(events, np.array([1, 0])).price.tolist() == [0, 0]
    assert OneEvent(events.lists(0), 1).price == 0


def test_a_choice_is_made_row_by_row_or_at_once() -> None:
    assert choose(np.array([True, False]), np.array([1, 2]), 0).tolist() == [1, 0]
    assert [choose(np.bool_(flag), 1, 0) for flag in (True, False)] == [1, 0]


def test_a_table_keeps_its_rows_as_it_grows() -> None:
    table = Table({"amount": np.int64}, expected=3)
    for size in (0, 1, 1_000, 5_000):
        rows = table.add(size)
        assert not table["amount"][rows].any()
        table["amount"][rows] = rows
    assert table["amount"][: table.count + 1].tolist() == list(range(6_002))
    assert table["amount"][0] == 0
