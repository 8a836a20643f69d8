"""A fold of which some partitions are taken goes on with them as if it had never read the others."""

from collections.abc import Set
from functools import cache
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dompet.projections.fold import Fold
from dompet.schemas.murmur2 import partition_of
from dompet.streams.proof.state_rows import order_table, reference_table, wallet_table
from tests.model.events import Event, history
from tests.support.crowd import crowd
from tests.support.folding import PARTITIONS, Folding, Row, differences

TABLES = ("wallets", "orders", "references")


def is_of(event: Event, partitions: Set[int]) -> bool:
    return partition_of(str(event["beneficiary_id"]).encode(), PARTITIONS) in partitions


def tables(fold: Fold) -> list[pa.Table]:
    """All that the fold's state holds, in no order of its own."""
    state = fold.state
    found = [
        wallet_table(state, fold.laws, np.arange(1, state.wallets.count + 1)),
        order_table(state, np.arange(1, state.orders.count + 1)),
        reference_table(state),
    ]
    keys = (["beneficiary_id"], ["beneficiary_id", "platform_id", "order_id"], ["beneficiary_id", "kind", "id"])
    return [table.sort_by([(key, "ascending") for key in of]) for table, of in zip(found, keys, strict=True)]


def place_apart(rows: list[Row]) -> list[Row]:
    return [{name: value for name, value in row.items() if name not in {"offset", "recorded_at_us"}} for row in rows]


@given(st.integers(0, 2**32 - 1), st.sets(st.integers(0, PARTITIONS - 1)), st.integers(0, 2**64 - 1))
@settings(max_examples=80)
def test_it_holds_and_decides_what_a_fold_of_these_partitions_alone_does(
    chance: int, partitions: set[int], seed: int
) -> None:
    rng = Random(chance)
    events: list[Event] = history(rng, max_lives=6)
    cut = rng.randint(0, len(events))
    taken, alone = Folding(seed=1), Folding(seed=2)
    taken.rows(events[:cut])
    alone.rows([event for event in events[:cut] if is_of(event, partitions)])
    taken.fold = taken.fold.only(partitions, seed)
    assert tables(taken.fold) == tables(alone.fold)
    later = [event for event in events[cut:] if is_of(event, partitions)]
    assert differences(place_apart(taken.rows(later)), place_apart(alone.rows(later))) == []
    assert tables(taken.fold) == tables(alone.fold)


@cache
def whole() -> Fold:
    """A fold of many people; no test changes it."""
    folding = Folding(seed=1)
    folding.rows(crowd(5, 150))
    return folding.fold


@pytest.mark.parametrize("partitions", [set(), {0}, {1, 5, 7}, set(range(PARTITIONS))])
def test_nothing_is_left_of_the_others(partitions: set[int]) -> None:
    alone = Folding(seed=2)
    alone.rows([event for event in crowd(5, 150) if is_of(event, partitions)])
    fold = whole().only(partitions, 3)
    assert tables(fold) == tables(alone.fold)
    for name in TABLES:
        assert getattr(fold.state, name).count == getattr(alone.fold.state, name).count
    assert fold.state.nbytes() <= alone.fold.state.nbytes()


def test_the_fold_that_it_was_taken_from_is_as_it_was() -> None:
    events = crowd(6, 60)
    whole = Folding(seed=1)
    before = whole.rows(events)
    held = tables(whole.fold)
    taken = whole.fold.only({0, 1, 2})
    taken.state.wallets["balance"][:] = 7
    assert tables(whole.fold) == held
    assert len(before) == len(events)
