"""Wallets past a deadline are those whose revocation the rules accept, and no others."""

import pytest

from dompet.projections.deadlines import Overdue, overdue
from dompet.projections.fold import Fold
from dompet.schemas.decode import decode
from dompet.schemas.rules import read_rules
from dompet.streams.publish.deadlines import revocation
from tests.model import Model, Rulebook
from tests.support.crowd import crowd
from tests.support.folding import records

EVENTS = crowd(9, 120)
MOMENTS = sorted({event["occurred_at"] for event in EVENTS})[:: len(EVENTS) // 8]


def folded() -> Fold:
    fold = Fold(read_rules())
    fold.apply(decode(records(EVENTS)))
    return fold


def modelled() -> Model:
    model = Model(Rulebook.load())
    for event in EVENTS:
        model.apply(event)
    return model


def expected(model: Model, as_of_us: int) -> set[Overdue]:
    found = set()
    for person, wallet in model.wallets.items():
        if wallet.status not in ("active", "suspended"):
            continue
        if not wallet.purchases and wallet.first_purchase_due < as_of_us:
            found.add(Overdue(person, "first_purchase_deadline", wallet.first_purchase_due))
        elif wallet.balance and wallet.spend_by < as_of_us:
            found.add(Overdue(person, "spend_by", wallet.spend_by))
    return found


@pytest.mark.parametrize("as_of_us", MOMENTS)
def test_overdue_wallets_are_the_models(as_of_us: int) -> None:
    assert set(overdue(folded().state, as_of_us, 10**6)) == expected(modelled(), as_of_us)


def test_each_revocation_is_accepted_once_and_then_a_duplicate() -> None:
    model = modelled()
    due = overdue(folded().state, MOMENTS[-1], 10**6)
    assert {one.reason for one in due} == {"first_purchase_deadline", "spend_by"}
    for outcome in ("accepted", "duplicate"):
        for one in due:
            event = revocation(one)
            fields = {name: getattr(event, name) for name in event.__dataclass_fields__}
            assert model.apply({"type": "SaldoRevoked", **fields}).outcome == outcome
    assert not expected(model, MOMENTS[-1])


def test_a_wallet_at_its_deadline_is_not_past_it() -> None:
    state = folded().state
    one = overdue(state, MOMENTS[-1], 1)[0]
    assert one not in overdue(state, one.due_us, 10**6)
    assert one in overdue(state, one.due_us + 1, 10**6)


def test_no_more_are_found_than_asked_for() -> None:
    state = folded().state
    assert len(overdue(state, MOMENTS[-1], 3)) == 3
    assert overdue(state, 0, 3) == []
    assert overdue(Fold(read_rules()).state, MOMENTS[-1], 3) == []
