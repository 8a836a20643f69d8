"""What the model is compared with: decisions, wallets and orders that were changed are found."""

from dataclasses import fields
from typing import Any

import pytest

from tests.faults.found import Entry, Findings
from tests.faults.judging import DECIDED, Decision, Recorded, Row, compare_decisions
from tests.faults.states import STATE, differences
from tests.model import Model, Rulebook, Wallet
from tests.support.crowd import crowd

EVENTS = [event | {"event_id": f"event-{number}"} for number, event in enumerate(crowd(3, 5))]
LOG = [Recorded(Entry(0, n, event["event_id"], event["beneficiary_id"]), event) for n, event in enumerate(EVENTS)]
LOG.append(Recorded(Entry(0, len(EVENTS), "poison-1", ""), None))


def journal() -> list[Row]:
    """What the model decides, as rows."""
    model, rows = Model(Rulebook.load()), []
    for one in LOG[:-1]:
        assert one.event
        result = model.apply(one.event)
        wallet = model.wallets.get(one.entry.person)
        rows.append(Row(one.entry, Decision(result.outcome, result.reason, wallet.balance if wallet else 0)))
    return [*rows, Row(LOG[-1].entry, Decision("dead", "", 0))]


def decided_otherwise(rows: list[Row]) -> dict[str, int]:
    return dict(compare_decisions(LOG, rows, Model(Rulebook.load())).counts)


def test_decisions_that_are_the_models_are_right() -> None:
    assert decided_otherwise(journal()) == {}


@pytest.mark.parametrize("change", [{"outcome": "duplicate"}, {"reason": "not_due"}, {"balance": -1}])
@pytest.mark.parametrize("place", [0, len(EVENTS)])
def test_a_decision_that_was_changed_is_found(place: int, change: dict[str, Any]) -> None:
    rows = journal()
    rows[place] = rows[place]._replace(decision=rows[place].decision._replace(**change))
    assert decided_otherwise(rows) == {DECIDED: 1}


def wallets() -> dict[tuple[str, ...], dict[str, Any]]:
    """The model's wallets after the events, by key."""
    model = Model(Rulebook.load())
    for event in EVENTS:
        model.apply(event)
    return {
        (person,): {one.name: getattr(wallet, one.name) for one in fields(Wallet)}
        for person, wallet in model.wallets.items()
    }


def different(stored: dict[tuple[str, ...], dict[str, Any]], *again: tuple[str, ...]) -> dict[str, int]:
    findings = Findings()
    rows = [*stored.items(), *((key, stored[key]) for key in again)]
    differences(findings, "wallet_rows", wallets(), iter(rows))
    return dict(findings.counts)


def test_wallets_that_are_the_models_are_right() -> None:
    assert different(wallets()) == {}


def test_a_wallet_that_is_missing_there_twice_or_another_is_found() -> None:
    stored = wallets()
    first, *_ = stored
    assert different(stored, first) == {STATE: 1}
    stored[first] = stored[first] | {"balance": stored[first]["balance"] + 1, "status": "gone"}
    assert different(stored) == {STATE: 2}
    del stored[first]
    assert different(stored) == {STATE: 1}
