"""Incentives and clawbacks of each wave: held to the model, to the programme's sums, and to the rows behind them."""

from collections import Counter

import pytest

from dompet.streams.answers.wave_incentives import WAVE_INCENTIVES, WAVE_OWED
from dompet.streams.warehouse import Warehouse
from tests.model import Model
from tests.support import answered
from tests.support.answered import asked

_MOMENTS: tuple[dict[str, str], ...] = ({}, {"as_of": "2020-08-17T12:00"}, {"known_at": "2020-04-12"})
_BEHIND = {
    "incentive_due": "due", "incentive_paid": "paid", "incentive_outstanding": "outstanding",
    "incentive_reversed": "amount", "incentive_failed": "amount", "clawback_ordered": "ordered",
    "clawback_repaid": "amount", "clawback_outstanding": "outstanding",
}  # fmt: skip
"""By a figure, the column of the rows behind it."""


@pytest.fixture(scope="module")
def model() -> Model:
    return answered.modelled()[0]


@pytest.fixture(scope="module")
def warehouse(shared_warehouse: Warehouse) -> Warehouse:
    """The events, stored twice."""
    answered.store_twice(shared_warehouse)
    return shared_warehouse


def test_each_wave_is_owed_and_asked_what_its_wallets_say(warehouse: Warehouse, model: Model) -> None:
    expected = {(one.wave, one.decree): Counter[str]() for one in model.wallets.values()}
    for one in model.wallets.values():
        expected[one.wave, one.decree].update(
            incentive_due=one.incentive_due,
            incentive_paid=one.incentive_paid,
            incentive_outstanding=one.incentive_due - one.incentive_paid,
            clawback_ordered=one.clawback_ordered,
            clawback_repaid=one.clawback_repaid,
            clawback_outstanding=one.clawback_ordered - one.clawback_repaid,
        )
    moved = {"IncentiveReversed": "incentive_reversed", "IncentivePayoutFailed": "incentive_failed"}
    for row in answered.accepted():
        if name := moved.get(row["type"]):
            wallet = model.wallets[row["beneficiary_id"]]
            expected[wallet.wave, wallet.decree][name] += row["amount"]
    found = asked(warehouse, WAVE_INCENTIVES.name, {})
    assert {(row["wave"], row["decree"]): [row[name] for name in WAVE_OWED] for row in found} == {
        wave: [sums[name] for name in WAVE_OWED] for wave, sums in expected.items()
    }
    assert all(sum(row[name] for row in found) for name in WAVE_OWED)


@pytest.mark.parametrize("given", _MOMENTS, ids=str)
def test_all_waves_add_up_to_the_programme_at_every_moment(warehouse: Warehouse, given: dict[str, str]) -> None:
    [programme] = asked(warehouse, "programme", given)
    found = asked(warehouse, WAVE_INCENTIVES.name, given)
    for name in WAVE_OWED:
        if name in programme:
            assert sum(row[name] for row in found) == programme[name], name


def test_the_rows_behind_each_figure_add_up_to_it(warehouse: Warehouse) -> None:
    named = [row for row in asked(warehouse, WAVE_INCENTIVES.name, {}) if row["decree"]]
    assert named
    for row in named[:6]:
        for name, column in _BEHIND.items():
            behind = WAVE_INCENTIVES.rows[name]
            rows = asked(warehouse, behind.question, behind.given(row, {}))
            assert sum(one[column] for one in rows) == row[name], (row["wave"], name)


def test_payouts_that_failed_are_those_of_the_view_incentives(warehouse: Warehouse) -> None:
    listed: Counter[int] = Counter()
    for one in asked(warehouse, "incentives", {}):
        listed[one["wave"]] += one["failed_amount"]
    found: Counter[int] = Counter()
    for row in asked(warehouse, WAVE_INCENTIVES.name, {}):
        found[row["wave"]] += row["incentive_failed"]
    assert +found == +listed
