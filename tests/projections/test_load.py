"""A state that is loaded from the journal goes on exactly like the one that wrote it."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dompet.projections.columns import ORDER, WALLET, Column, Kind
from dompet.projections.load import REFERENCE_IDS, Columns, load_orders, load_references, load_wallets
from dompet.schemas.contracts import type_codes
from dompet.schemas.strings import Strings
from tests.model.events import Event, history
from tests.projections.table_values import read_event
from tests.support.folding import Folding, Row, differences

WALLET_KEY = (Column("beneficiary_id", Kind.STRING, ""), Column("partition", Kind.INT32, ""))
ORDER_KEY = tuple(Column(name, Kind.STRING, "") for name in ("beneficiary_id", "platform_id", "order_id"))


def stored_name(column: Column) -> str:
    """A state column's name in the views that keep the last state of each wallet and order."""
    return column.name.replace("_after", "").removeprefix("order_") if column not in ORDER_KEY else column.name


def columns(of: Iterable[Column], rows: Sequence[Row]) -> Columns:
    return {stored_name(column): as_column(column.kind, [row[column.name] for row in rows]) for column in of}


def as_column(kind: Kind, values: list[Any]) -> Any:
    match kind:
        case Kind.STRING | Kind.CATEGORY:
            return Strings.of([value.encode() for value in values])
        case Kind.NULLABLE:
            return np.ma.masked_array([value or 0 for value in values], [value is None for value in values], np.int64)
    return np.array(values, dtype={Kind.INT32: np.int32, Kind.UINT8: np.uint8}.get(kind, np.int64))


def loaded(rows: Sequence[Row], rng: Random, seed: int) -> Folding:
    """A fold whose state comes from these rows, in no order."""
    accepted = [row for row in rows if row["outcome"] == "accepted"]
    wallets = list({row["beneficiary_id"]: row for row in accepted}.values())
    of_orders = [row for row in accepted if row["order_id"]]
    orders = list({(row["beneficiary_id"], row["platform_id"], row["order_id"]): row for row in of_orders}.values())
    for one in (wallets, orders):
        rng.shuffle(one)
    folding = Folding(seed=seed)
    load_wallets(folding.fold.state, folding.fold.laws, columns((*WALLET_KEY, *WALLET), wallets))
    load_orders(folding.fold.state, columns((*ORDER_KEY, *ORDER), orders))
    made = [row for row in accepted if row["type"] in REFERENCE_IDS]
    load_references(folding.fold.state, reference_columns(rng.sample(made, len(made)) + made[:3]))
    return folding


def reference_columns(rows: Sequence[Row]) -> Columns:
    """Accepted events that made or changed references, as the journal tells of them."""
    numbers = {name: as_column(Kind.INT64, [row[name] for row in rows]) for name in ("partition", "offset", "amount")}
    texts = {name: [row[name] for row in rows] for name in ("beneficiary_id", "clawback_id")}
    texts["id"] = [row[REFERENCE_IDS[row["type"]]] for row in rows]
    types = as_column(Kind.INT64, [type_codes()[row["type"]] for row in rows])
    return {**numbers, "type_code": types, **{name: as_column(Kind.STRING, of) for name, of in texts.items()}}


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_a_loaded_state_goes_on_as_the_one_that_was_folded(seed: int) -> None:
    rng = Random(seed)
    events: list[Event] = history(rng, max_lives=6)
    cut = rng.randint(0, len(events))
    folding = Folding(seed=1)
    before, after = folding.rows(events[:cut]), folding.rows(events[cut:])
    rows = loaded(before, rng, seed).rows(events[cut:])
    for row in rows:
        row["offset"] += cut
        row["recorded_at_us"] += cut
    assert differences(rows, after) == []


def test_nothing_is_loaded_from_an_empty_journal() -> None:
    state = loaded([], Random(0), 0).fold.state
    assert (state.wallets.count, state.orders.count, state.references.count) == (0, 0, 0)


@pytest.mark.parametrize("name", ["rules_after", "status_after"])
def test_a_word_that_this_version_does_not_know_is_refused(name: str) -> None:
    [row] = Folding().rows([read_event("e", ["SaldoCredited", "p", "2020-05-01"])])
    assert row["outcome"] == "accepted"
    with pytest.raises(ValueError, match="'1999'"):
        loaded([row | {name: "1999"}], Random(0), 0)
