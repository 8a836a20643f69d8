"""Rows of the journal's views → a state that has none of them yet: the way back from the journal."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dompet.projections.fold import RULES
from dompet.projections.keys import Rows
from dompet.projections.laws import Laws
from dompet.projections.state import (
    ORDER_COLUMNS,
    ORDER_TEXTS,
    WALLET_COLUMNS,
    WALLET_TEXTS,
    State,
    order_keys,
    reference_keys,
)
from dompet.projections.vocabulary import ReferenceKind, Stage, Status
from dompet.schemas.contracts import type_codes
from dompet.schemas.strings import Strings

Columns = Mapping[str, Any]
"""By name: Strings for texts, arrays for numbers, masked arrays for numbers of which some are null."""

REFERENCE_IDS: Final[Mapping[str, str]] = {rule.event: rule.reference[1] for rule in RULES.values() if rule.reference}
"""By the name of each event type that makes or changes a reference, the field with its id."""

_KINDS: Final = {rule.event: rule.reference[0] for rule in RULES.values() if rule.reference}
_STAGES: Final = {"IncentivePaid": Stage.PAID, "IncentivePayoutFailed": Stage.FAILED}
_STATUSES: Final = tuple("" if status is Status.NONE else status.name.lower() for status in Status)
_TIMES: Final = {"first_purchase_due", "spend_by", "purchased_at", "redeemed_at", "completed_at", "reviewed_at"}


def load_wallets(state: State, laws: Laws, columns: Columns) -> None:
    """Wallets, each once: beneficiary_id, partition, and the columns of `wallet_rows`."""
    keys = columns["beneficiary_id"]
    rows = state.wallets.add(len(keys))
    state.wallet_index.append(keys.packed())
    for name in WALLET_COLUMNS:
        match name:
            case "rules":
                values: Any = _places(columns[name], laws.names)
            case "status":
                values = _places(columns[name], _STATUSES)
            case _ if name in WALLET_TEXTS:
                values = state.texts.intern(columns[name])
            case _:
                values = columns[f"{name}_us" if name in _TIMES else name]
        state.wallets[name][rows] = values


def load_orders(state: State, columns: Columns) -> None:
    """Orders of wallets that are loaded, each once: their keys, and the columns of `order_rows`."""
    owner = _owners(state, columns)
    platform = state.texts.intern(columns["platform_id"])
    rows = state.orders.add(len(owner))
    state.order_index.append(order_keys(owner, platform, columns["order_id"].packed()))
    for name in ORDER_COLUMNS:
        match name:
            case _ if name in ORDER_TEXTS:
                values: Any = state.texts.intern(columns[name])
            case "score":
                values = np.ma.filled(columns[name], 0)
            case "has_score":
                values = ~np.ma.getmaskarray(columns["score"])
            case "flags":
                values = columns["flag_bits"]
            case _:
                values = columns[f"{name}_us" if name in _TIMES else name]
        state.orders[name][rows] = values


def load_references(state: State, columns: Columns) -> None:
    """References of wallets that are loaded, from the accepted events of REFERENCE_IDS: partition, offset, type_code,
    beneficiary_id, `id`, clawback_id and amount, in any order. An event may be there more than once.
    """
    _, first = np.unique(columns["offset"] << 16 | columns["partition"], return_index=True)
    if len(first) < len(columns["offset"]):
        columns = _take(columns, first)
    events = {name: _take(columns, columns["type_code"] == type_codes()[name]) for name in REFERENCE_IDS}
    for name in events.keys() - {"IncentiveReversed"}:
        _add_references(state, name, events[name])
    back, paid = events["IncentiveReversed"], events["ClawbackRepaid"]
    state.references["stage"][_references(state, ReferenceKind.PAYOUT, back, "id")] = Stage.REVERSED
    np.add.at(
        state.references["repaid"], _references(state, ReferenceKind.CLAWBACK, paid, "clawback_id"), paid["amount"]
    )


def _add_references(state: State, name: str, events: Columns) -> None:
    """What each of these events of one type took an id for."""
    keys = reference_keys(_owners(state, events), _KINDS[name], events["id"].packed())
    state.reference_index.append(keys)
    rows = state.references.add(len(keys.counts))
    state.references["amount"][rows] = events["amount"]
    state.references["stage"][rows] = _STAGES.get(name, Stage.NONE)


def _references(state: State, kind: ReferenceKind, events: Columns, name: str) -> Rows:
    """The references that these events name."""
    rows = state.reference_index.find(reference_keys(_owners(state, events), kind, events[name].packed()))
    if (rows == 0).any():
        raise ValueError(f"the journal holds an accepted event on a {kind.name.lower()} that it does not hold")
    return rows


def _owners(state: State, columns: Columns) -> Rows:
    """The wallets that rows belong to."""
    rows = state.wallet_index.find(columns["beneficiary_id"].packed())
    if (rows == 0).any():
        raise ValueError("the journal holds orders or references of a person without a wallet")
    return rows


def _take(columns: Columns, which: Rows | NDArray[np.bool_]) -> Columns:
    return {
        name: column.take(which) if isinstance(column, Strings) else column[which] for name, column in columns.items()
    }


def _places(texts: Strings, among: Sequence[str]) -> NDArray[np.int64]:
    """The place of each text among a few."""
    places = np.full(len(texts), -1, dtype=np.int64)
    packed = texts.packed()
    for place, text in enumerate(among):
        places[packed.equals(Strings.of([text.encode()]).packed())] = place
    if (places < 0).any():
        unknown = texts.row(int(np.flatnonzero(places < 0)[0])).decode()
        raise ValueError(f"the journal holds {unknown!r} where only {', '.join(among)} are valid")
    return places
