"""Every figure that leads to rows leads to those that it counts or adds up, on either warehouse."""

from typing import Any, Final

import pytest

from dompet.streams.answers.columns import Kind
from dompet.streams.answers.question import Question
from dompet.streams.answers.registry import QUESTIONS
from dompet.streams.warehouse import Warehouse
from tests.support.answered import asked, store_twice

_ADDED: Final = {
    ("orders", "commission"): "commission",
    ("wallets", "total_credited"): "credited",
    ("wallets", "total_returned"): "returned",
    ("wallets", "remaining"): "balance",
    ("clawbacks", "ordered"): "ordered",
    ("clawbacks", "repaid"): "repaid",
    ("clawbacks", "clawback_ordered"): "ordered",
    ("clawbacks", "outstanding"): "outstanding",
    ("clawbacks", "clawback_outstanding"): "outstanding",
    ("incentives", "incentive_due"): "due",
    ("incentives", "incentive_paid"): "paid",
    ("incentives", "incentive_outstanding"): "outstanding",
}
"""By the list and the figure, the column that is added up; else it is the amount."""
_AMOUNTS: Final = {"orders": "price", "unfinished-orders": "price", "events": "amount", "exceptions": "amount"}
_ROWS_MOST: Final = 6
"""Rows of an answer whose figures are looked at: the first ones are the largest."""
_GIVEN: Final[tuple[dict[str, str], ...]] = (
    {},
    {"by": "institution"},
    {"grain": "month"},
    {"from": "2020-05-03", "to": "2020-09-30"},
)

_ASKED: Final = [
    (name, given) for name, one in QUESTIONS.items() for given in _GIVEN if one.rows and set(given) <= set(one.takes)
]
_PAYABLE: Final = 10**12


@pytest.fixture(scope="module")
def warehouse(shared_warehouse: Warehouse) -> Warehouse:
    store_twice(shared_warehouse)
    return shared_warehouse


def counted(question: Question, target: str, name: str, rows: list[dict[str, Any]]) -> int:
    """What a figure must be, by the rows behind it."""
    if question.kind(name) is Kind.COUNT:
        return len(rows)
    if name == "net_spent":
        return sum(int(row["spent"]) - int(row["refunded"]) for row in rows)
    column = _ADDED.get((target, name)) or _AMOUNTS[target]
    return sum(int(row[column]) for row in rows if abs(row[column]) <= _PAYABLE)


def differing(warehouse: Warehouse, question: Question, given: dict[str, str]) -> list[str]:
    wrong = []
    for row in asked(warehouse, question.name, given, _ROWS_MOST):
        for name, behind in question.rows.items():
            if not row[name] or not behind.holds(row, given):
                continue
            target, filters = QUESTIONS[behind.question], behind.given(row, given)
            found = counted(question, target.name, name, asked(warehouse, target.name, filters))
            wrong += [f"{name} is {row[name]}, but {found} by {filters}"] if found != row[name] else []
    return wrong


@pytest.mark.parametrize(("name", "given"), _ASKED, ids=str)
def test_the_rows_behind_each_figure_add_up_to_it(warehouse: Warehouse, name: str, given: dict[str, str]) -> None:
    assert differing(warehouse, QUESTIONS[name], given) == []
