"""Rows of the journal's views → an empty state: the way back from the journal."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dompet.projections.laws import Laws
from dompet.projections.state import ORDER_COLUMNS, REFERENCE_COLUMNS, WALLET_COLUMNS, State, order_keys, reference_keys
from dompet.projections.vocabulary import ReferenceKind, Status
from dompet.schemas.strings import Strings

Columns = Mapping[str, Any]
"""By name: Strings for texts, arrays for numbers, masked arrays for numbers of which some are null."""

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
            case "decree":
                values = state.texts.intern(columns[name])
            case _:
                values = columns[f"{name}_us" if name in _TIMES else name]
        state.wallets[name][rows] = values


def load_orders(state: State, columns: Columns) -> None:
    """Orders of wallets that are loaded, each once: their keys, and the columns of `order_rows`."""
    owner = state.wallet_index.find(columns["beneficiary_id"].packed())
    platform = state.texts.intern(columns["platform_id"])
    rows = state.orders.add(len(owner))
    state.order_index.append(order_keys(owner, platform, columns["order_id"].packed()))
    for name in ORDER_COLUMNS:
        match name:
            case "course_id" | "institution_id" | "certificate_id":
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


def load_references(state: State, kind: ReferenceKind, columns: Columns) -> None:
    """References of wallets that are loaded, each once: beneficiary_id, `id`, and those columns of the state that the
    kind has.
    """
    owner = state.wallet_index.find(columns["beneficiary_id"].packed())
    rows = state.references.add(len(owner))
    state.reference_index.append(reference_keys(owner, kind, columns["id"].packed()))
    for name in REFERENCE_COLUMNS.keys() & columns.keys():
        state.references[name][rows] = columns[name]


def _places(texts: Strings, among: Sequence[str]) -> NDArray[np.int64]:
    """The place of each text among a few."""
    places = np.full(len(texts), -1, dtype=np.int64)
    packed = texts.packed()
    for place, text in enumerate(among):
        places[packed.equals(Strings.of([text.encode()]).packed())] = place
    if (places < 0).any():
        unknown = texts.row(int(np.flatnonzero(places < 0)[0])).decode()
        raise ValueError(f"the journal holds {unknown!r} where only {', '.join(among)} may stand")
    return places
