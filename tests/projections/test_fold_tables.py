"""The tables of examples hold for the fold, for the event types that it has a rule for."""

from collections import ChainMap
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dompet.projections.columns import ORDER, WALLET, Column, Kind
from dompet.projections.fold import RULES
from dompet.projections.vocabulary import Flag
from dompet.schemas.rules import Rulebook, read_rules
from tests.model import EVENT_TYPES, Order, Result, Wallet
from tests.model.state import MONEY, Effects
from tests.projections.table import Case, Event, Outcomes, Run, cases
from tests.support.folding import Folding, Row, attribute

CASES = cases()
MAY_BE_MISSING = {field.name for field in fields(Order) if field.default is None}


def folded(case: Case, *, one_by_one: bool) -> Run:
    """Folds all events of the case first; asked for some from the beginning, it says what became of them."""
    folding = Folding(rulebook(case.rules), one_by_one_below=10**9 if one_by_one else 0)
    rows = folding.rows_in([line.event for line in case.lines], [1] * len(case.lines) if one_by_one else ())
    results = [result(row) for row in rows]
    wallets = [{row["beneficiary_id"]: wallet(row)} if row["status_after"] else {} for row in rows]
    orders = [{order_key(row): order(row)} if row["order_purchased_at_us"] else {} for row in rows]

    def run(events: Sequence[Event]) -> Outcomes:
        count = len(events)
        return results[:count], dict(ChainMap(*wallets[:count][::-1])), dict(ChainMap(*orders[:count][::-1]))

    return run


@cache
def rulebook(path: Path) -> Rulebook:
    return read_rules(path)


def order_key(row: Row) -> tuple[str, str, str]:
    return row["beneficiary_id"], row["platform_id"], row["order_id"]


def result(row: Row) -> Result:
    changes = {name: row.get(f"{name}_change", 0) for name in MONEY}
    return Result(row["outcome"], row["reason"], names(row["flag_bits"]), Effects(**changes))


def wallet(row: Row) -> Wallet:
    return Wallet(**{attribute(column): stated(column, row) for column in WALLET})


def order(row: Row) -> Order:
    return Order(**{attribute(column): stated(column, row) for column in ORDER})


def stated(column: Column, row: Row) -> Any:
    """A column of the state as the model keeps it."""
    name, value = attribute(column), row[column.name]
    if name == "flags":
        return names(value)
    if name in MAY_BE_MISSING and column.kind is not Kind.NULLABLE:
        return value or None
    return bool(value) if column.kind is Kind.UINT8 else value


def names(bits: int) -> tuple[str, ...]:
    return tuple(str(flag.name).lower() for flag in Flag if flag & bits)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
@pytest.mark.parametrize("one_by_one", [False, True], ids=["one batch", "one by one"])
def test_the_fold_does_what_the_table_says(case: Case, one_by_one: bool) -> None:
    case.check(folded(case, one_by_one=one_by_one))


def test_every_event_type_has_a_rule_and_examples() -> None:
    assert {name for case in CASES for name in case.types} == {rule.event for rule in RULES.values()} == EVENT_TYPES
