"""A wallet that is not as every wallet must be stops the batch, by name and place."""

import numpy as np
import pytest

from dompet.projections.fold import Fold
from dompet.projections.invariants import LAWS, InvariantBroken, check
from dompet.projections.result import MONEY
from dompet.schemas.decode import decode
from dompet.schemas.rules import read_rules
from tests.projections.table_values import read_event
from tests.support.crowd import crowd
from tests.support.folding import records

CREDIT = read_event("e", ["SaldoCredited", "p", "2020-05-01"])
PURCHASE = read_event("e", ["CoursePurchased", "p", "2020-05-02"])


def test_every_law_holds_in_any_crowd() -> None:
    fold = Fold(read_rules())
    events = crowd(5, 100)
    for begin in range(0, len(events), 500):
        decoded = decode(records(events[begin : begin + 500], begin))
        check(decoded, fold.apply(decoded))


@pytest.mark.parametrize(
    ("column", "change", "law"),
    [
        ("credited", 1, "credited = balance + (spent - refunded) + returned"),
        ("balance", -(10**13), "credited = balance + (spent - refunded) + returned"),
        ("incentive_paid", 1, "incentive_paid <= incentive_due"),
        ("clawback_repaid", 7, "clawback_repaid <= clawback_ordered"),
    ],
)
def test_a_wallet_that_breaks_a_law_is_named_with_the_place(column: str, change: int, law: str) -> None:
    fold = Fold(read_rules())
    fold.apply(decode(records([CREDIT])))
    fold.state.wallets[column][1] += change
    decoded = decode(records([PURCHASE], first_offset=41))
    with pytest.raises(InvariantBroken) as refused:
        check(decoded, fold.apply(decoded))
    assert f"wallet p, after partition {decoded.records.partition[0]}, offset 41: {law}" in str(refused.value)


def test_a_balance_below_zero_breaks_a_law_of_its_own() -> None:
    fold = Fold(read_rules())
    fold.apply(decode(records([CREDIT])))
    wallets = fold.state.wallets
    wallets["balance"][1], wallets["spent"][1] = -1, wallets["credited"][1] + 1
    decoded = decode(records([PURCHASE]))
    with pytest.raises(InvariantBroken, match="0 <= balance"):
        check(decoded, fold.apply(decoded))


def test_the_laws_speak_of_all_the_money_that_the_journal_keeps() -> None:
    words = {name for name in MONEY for law in LAWS if name in law}
    assert words == set(MONEY)
    assert all(not np.any(breaks({name: np.zeros(1) for name in (*MONEY, "balance")})) for breaks in LAWS.values())
