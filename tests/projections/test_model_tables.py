"""The tables of examples hold for the model; and a table that cannot be read says where."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.model import EVENT_TYPES, Model, Rulebook
from tests.projections.table import Case, Event, Outcomes, Run, cases, read_table
from tests.projections.table_values import TableError


def model_under(rules: Path) -> Run:
    def run(events: Sequence[Event]) -> Outcomes:
        model = Model(Rulebook.load(rules))
        return [model.apply(event) for event in events], model.wallets, model.orders

    return run


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_the_model_does_what_the_table_says(case: Case) -> None:
    case.check(model_under(case.rules))


def test_every_event_type_has_a_table() -> None:
    assert {case.table for case in cases()} >= EVENT_TYPES


def test_no_two_sections_have_one_name() -> None:
    names = [case.id for case in cases()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("SaldoCredited p1", "a line begins with type, beneficiary_id and occurred_at"),
        ("SaldoGiven p1 2020-05-01", "there is no event type `SaldoGiven`"),
        ("SaldoCredited p1 2020-05-32", "`2020-05-32` is not a time"),
        ("SaldoCredited p1 2020-05-01 amuont=1", "SaldoCredited has no field `amuont`"),
        ("SaldoCredited p1 2020-05-01 amount=some", "`some` is not a number, true, false or null"),
        ("SaldoCredited p1 2020-05-01 => refused", "`refused` is not an outcome with its reason or flags"),
        ("SaldoCredited p1 2020-05-01 => rejected", "`rejected` is not an outcome with its reason or flags"),
        ("SaldoCredited p1 2020-05-01 => accepted | blance=1", "the wallet has no `blance`"),
        ("SaldoCredited p1 2020-05-01 => accepted | balance+=1", "`balance` is no effect"),
        ("SaldoCredited p1 2020-05-01 => accepted | order.state=open", "SaldoCredited has no order"),
        ("rules lost.toml", "there is no rules file lost.toml"),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_file_and_line(tmp_path: Path, line: str, fault: str) -> None:
    table = tmp_path / "table.txt"
    table.write_text(f"# a sentence\n\n{line}\n", "utf-8")
    with pytest.raises(TableError) as error:
        read_table(table)
    assert str(error.value) == f"table.txt:3: {fault}"


@pytest.mark.parametrize(
    ("expected", "fault"),
    [
        ("duplicate", "accepted, expected duplicate"),
        ("rejected no_rules", "accepted, expected rejected no_rules"),
        ("accepted | credited+=1", "changed credited by 3000000, expected 1"),
        ("accepted | credited+=3_000_000 balance=1", "balance is 3000000, expected 1"),
    ],
)
def test_an_implementation_that_differs_is_reported_where_and_how(tmp_path: Path, expected: str, fault: str) -> None:
    table = tmp_path / "table.txt"
    table.write_text(f"# a sentence\nSaldoCredited p1 2020-05-01 => {expected}\n", "utf-8")
    [case] = read_table(table)
    with pytest.raises(AssertionError) as error:
        case.check(model_under(case.rules))
    assert fault in str(error.value)
