"""What is always true of the model, whatever happens, in whatever order."""

from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from tests.model import RULES_FILE, Effects, Model, Result, Rulebook, Wallet
from tests.model.events import Event, histories, history
from tests.model.state import MONEY
from tests.projections.table import TABLES, cases

RULE_FILES = [RULES_FILE, TABLES / "generous.toml"]
in_any_history = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
under_any_rules = pytest.mark.parametrize("rules", RULE_FILES, ids=lambda path: path.stem)


@cache
def rulebook(path: Path = RULES_FILE) -> Rulebook:
    return Rulebook.load(path)


def replayed(rules: Path, events: list[Event]) -> tuple[Model, list[Result]]:
    model = Model(rulebook(rules))
    return model, [model.apply(event) for event in events]


def money_of(wallet: Wallet) -> dict[str, int]:
    return {name: getattr(wallet, name) for name in MONEY}


def assert_always_true(wallet: Wallet) -> None:
    assert wallet.credited == wallet.balance + (wallet.spent - wallet.refunded) + wallet.returned
    assert wallet.balance >= 0
    assert wallet.incentive_paid <= wallet.incentive_due
    assert wallet.clawback_repaid <= wallet.clawback_ordered


@under_any_rules
@given(events=histories())
@in_any_history
def test_every_wallet_balances_after_every_event(rules: Path, events: list[Event]) -> None:
    model = Model(rulebook(rules))
    for event in events:
        model.apply(event)
        if event["beneficiary_id"] in model.wallets:
            assert_always_true(model.wallets[event["beneficiary_id"]])


@under_any_rules
@given(events=histories())
@in_any_history
def test_a_wallet_is_the_sum_of_the_effects_of_its_events(rules: Path, events: list[Event]) -> None:
    model, results = replayed(rules, events)
    sums: dict[str, Counter[str]] = {person: Counter() for person in model.wallets}
    for event, result in zip(events, results, strict=True):
        for name in MONEY:
            if change := getattr(result.effects, name):
                sums[event["beneficiary_id"]][name] += change
    for person, wallet in model.wallets.items():
        assert money_of(wallet) == {name: sums[person][name] for name in MONEY}


@given(events=histories())
@in_any_history
def test_what_is_not_accepted_changes_nothing(events: list[Event]) -> None:
    model = Model(rulebook())
    for event in events:
        before = repr((model.wallets, model.orders))
        result = model.apply(event)
        assert (result.outcome == "rejected") == bool(result.reason)
        if result.outcome != "accepted":
            assert (result.effects, result.flags) == (Effects(), ())
            assert repr((model.wallets, model.orders)) == before


@under_any_rules
@given(events=histories())
@in_any_history
def test_an_accepted_event_said_again_at_any_later_time_is_a_duplicate(rules: Path, events: list[Event]) -> None:
    model, results = replayed(rules, events)
    for event, result in zip(events, results, strict=True):
        if result.outcome == "accepted":
            assert model.apply(event) == Result("duplicate")


@given(events=histories())
@in_any_history
def test_a_replay_says_the_same(events: list[Event]) -> None:
    (one, first), (other, second) = replayed(RULES_FILE, events), replayed(RULES_FILE, events)
    assert first == second
    assert (one.wallets, one.orders) == (other.wallets, other.orders)


@given(events=histories())
@in_any_history
def test_what_happens_to_one_person_depends_on_nobody_else(events: list[Event]) -> None:
    model, results = replayed(RULES_FILE, events)
    for person in {event["beneficiary_id"] for event in events}:
        alone, own = replayed(RULES_FILE, [event for event in events if event["beneficiary_id"] == person])
        assert own == [result for event, result in zip(events, results, strict=True) if is_of(event, person)]
        assert alone.wallets.get(person) == model.wallets.get(person)
        assert alone.orders == {key: order for key, order in model.orders.items() if key[0] == person}


def is_of(event: Mapping[str, object], person: object) -> bool:
    return event["beneficiary_id"] == person


@given(events=histories({"SaldoCredited", "CoursePurchased"}))
@in_any_history
def test_histories_keep_to_the_types_they_are_asked_for(events: list[Event]) -> None:
    assert {event["type"] for event in events} <= {"SaldoCredited", "CoursePurchased"}


def test_histories_reach_every_outcome_that_the_tables_show() -> None:
    shown = {
        (str(line.event["type"]), line.outcome, line.reason, flag)
        for case in cases()
        for line in case.lines
        if line.outcome
        for flag in line.flags or ("",)
    }
    reached: set[tuple[str, str, str, str]] = set()
    for seed in range(1000):
        events = history(Random(seed))
        for event, result in zip(events, replayed(RULES_FILE, events)[1], strict=True):
            reached |= {(event["type"], result.outcome, result.reason, flag) for flag in result.flags or ("",)}
    assert reached == shown
