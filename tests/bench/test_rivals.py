"""The rivals follow the same rules: what they make of a log is what the model makes of it."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings

from dompet.streams.demo.programme.programme import programme_fields
from tests.bench.contestants import CHDB, RAW, STREAMS, Contestant, build_rivals
from tests.bench.measure import modelled
from tests.bench.publish import Fields, publish
from tests.bench.rules_rival import RULE_OF, apply, new_wallet
from tests.model import Model, Rulebook
from tests.model.events import Event, histories, history
from tests.support.kafka import LogTopicMaker

TYPES = frozenset(RULE_OF)
SUMS = ("credited", "spent", "refunded", "returned", "balance", "purchases", "open_orders")


@given(histories(TYPES, max_lives=6))
@settings(max_examples=150)
def test_the_rules_in_python_are_the_models(events: list[Event]) -> None:
    model, wallets = Model(Rulebook.load()), {event["beneficiary_id"]: new_wallet() for event in events}
    for event in events:
        result = model.apply(event)
        assert apply(wallets[event["beneficiary_id"]], event["type"], event) == (result.reason or result.outcome)
    opened = {person: wallet for person, wallet in wallets.items() if wallet["credits"]}
    assert opened.keys() == model.wallets.keys()
    for person, wallet in opened.items():
        expected = model.wallets[person]
        assert wallet["status"] == expected.status
        assert [wallet[name] for name in SUMS] == [getattr(expected, name) for name in SUMS]
    orders = {
        (person, *key.split("\n")): tuple(order["flags"])
        for person, wallet in wallets.items()
        for key, order in wallet["orders"].items()
    }
    assert orders == {key: order.flags for key, order in model.orders.items()}


def mixed() -> list[tuple[str, Fields]]:
    """A small programme, then what a few people do who keep to nothing."""
    hostile = [event for seed in range(20) for event in history(Random(seed), TYPES, max_lives=6)]
    return [
        *programme_fields(150, 7, types=TYPES),
        *((event["type"], {name: value for name, value in event.items() if name != "type"}) for event in hostile),
    ]


@pytest.mark.parametrize("contestant", [STREAMS, CHDB, RAW], ids=lambda one: one.name)
def test_each_contestant_finds_what_the_model_finds(
    kafka: str, log_topic: LogTopicMaker, tmp_path: Path, contestant: Contestant
) -> None:
    build_rivals()
    events = mixed()
    expected = modelled(events)
    run = contestant.run(publish(kafka, log_topic(), events, len(events)), tmp_path)
    if contestant is not RAW:
        assert run.found == {name: expected[name] for name in run.found}
        assert run.wallets_digest == expected["wallets_digest"]
    assert run.events == len(events) and run.rate > 0 and run.peak_bytes > 0
