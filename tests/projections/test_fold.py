"""The fold of columns is the model's fold of one event after another, however the log is cut into batches."""

from collections.abc import Sequence
from itertools import islice
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dompet.projections.vocabulary import Verdict
from dompet.schemas.decode import decode
from dompet.schemas.rules import read_rules
from tests.model import Model, Rulebook
from tests.model.events import Event, histories, history
from tests.projections.table import TABLES
from tests.schemas.log_records import LogRecord, any_record, batch, rightly_placed
from tests.support.crowd import crowd
from tests.support.folding import Folding, Modelling, Row, differences, records

RULES = read_rules()
MODEL_RULES = Rulebook.load()
ONE_BY_ONE_BELOW = (0, 3, 48, 10**9)
SIZES = st.lists(st.sampled_from([0, 1, 2, 3, 7, 20, 60]), max_size=8)


def modelled(events: Sequence[Event], rules: Rulebook = MODEL_RULES) -> list[Row]:
    return Modelling(Model(rules)).rows(events)


def folded(events: Sequence[Event], sizes: Sequence[int] = (), seed: int = 0, one_by_one_below: int = 0) -> list[Row]:
    return Folding(RULES, seed, one_by_one_below).rows_in(events, sizes)


@given(histories(max_lives=6), SIZES, st.sampled_from(ONE_BY_ONE_BELOW))
@settings(max_examples=60)
def test_the_fold_of_any_events_in_any_batches_is_the_models(
    events: list[Event], sizes: list[int], one_by_one_below: int
) -> None:
    assert differences(folded(events, sizes, 0, one_by_one_below), modelled(events)) == []


@given(histories(), SIZES, st.sampled_from(ONE_BY_ONE_BELOW))
@settings(max_examples=15)
def test_the_fold_obeys_the_rules_file_it_is_given(
    events: list[Event], sizes: list[int], one_by_one_below: int
) -> None:
    path = TABLES / "generous.toml"
    rows = Folding(read_rules(path), 0, one_by_one_below).rows_in(events, sizes)
    assert differences(rows, modelled(events, Rulebook.load(path))) == []


@pytest.mark.parametrize("one_by_one_below", ONE_BY_ONE_BELOW)
def test_a_crowd_in_wide_rounds_is_folded_as_the_model_does(one_by_one_below: int) -> None:
    events = crowd(one_by_one_below, 60)
    rows = folded(events, [500, 10, 1_500], 0, one_by_one_below)
    assert differences(rows, modelled(events)) == []


def test_a_crowd_meets_every_verdict() -> None:
    rows = [row for seed in range(2) for row in modelled(crowd(seed, 60))]
    assert {row["reason"] for row in rows} == {one.reason for one in Verdict}


def test_rows_do_not_depend_on_where_batches_end() -> None:
    events = crowd(1, 40)
    whole = folded(events)
    assert differences(folded(events, [1] * 50), whole) == []
    assert differences(folded(events, [100] * 20), whole) == []


def test_the_books_balance_and_what_does_not_exist_stays_blank() -> None:
    folding = Folding(RULES)
    folding.rows(crowd(4, 100))
    state = folding.fold.state
    for table in (state.wallets, state.orders, state.references):
        assert table.count > 50
        assert not any(table[name][0] for name in table)
    w = {name: state.wallets[name][1 : state.wallets.count + 1] for name in state.wallets}
    assert (w["credited"] == w["balance"] + w["spent"] - w["refunded"] + w["returned"]).all()
    assert (w["balance"] >= 0).all()
    assert (w["open_orders"] >= 0).all()


@pytest.mark.parametrize("seed", [1, 0x5851F42D4C957F2D, 2**64 - 1])
def test_rows_do_not_depend_on_the_seed_of_the_indexes(seed: int) -> None:
    events = crowd(2, 40)
    assert differences(folded(events, [500], seed), folded(events, [500])) == []


def test_rows_do_not_depend_on_which_rounds_run_one_by_one() -> None:
    events = crowd(3, 40)
    whole = folded(events)
    for one_by_one_below in ONE_BY_ONE_BELOW[1:]:
        assert differences(folded(events, (), 0, one_by_one_below), whole) == []


@given(st.integers(0, 2**32 - 1), SIZES)
@settings(max_examples=20)
def test_dead_records_among_them_change_nothing(seed: int, sizes: list[int]) -> None:
    rng = Random(seed)
    events = history(rng)
    log = [rightly_placed(b"p", None)] * 3  # the first batch may be dead throughout
    for event in events:
        live = records([event])
        log += [dead(rng.getrandbits(32)) for _ in range(rng.choice((0, 0, 1, 2)))]
        log.append(rightly_placed(live.keys[0], live.values[0]))
    folding, rest = Folding(RULES), iter(log)
    rows = [row for size in sizes for row in folding.rows_of(batch(list(islice(rest, size))))]
    rows += folding.rows_of(batch(list(rest)))
    assert differences([place_apart(row) for row in rows if row["outcome"] != "dead"], folded_apart(events)) == []
    nothing = [row for row in rows if row["outcome"] == "dead"]
    assert len(nothing) == len(log) - len(events)
    assert all(not any(place_apart(row | {"outcome": ""}).values()) for row in nothing)


def dead(seed: int) -> LogRecord:
    """A record that is dead: of the seed where that one is, else without its value."""
    one = any_record(seed)
    return one if decode(batch([one])).dead else one._replace(value=None)


def place_apart(row: Row) -> Row:
    """The row without its place in the log."""
    return {name: value for name, value in row.items() if name not in {"partition", "offset", "recorded_at_us"}}


def folded_apart(events: Sequence[Event]) -> list[Row]:
    return [place_apart(row) for row in folded(events)]
