"""The fold's state as rows: wallets and orders as the warehouse's tables have them, and references. The way back of
`dompet.projections.load`.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dompet.projections.columns import ORDER, WALLET, Kind
from dompet.projections.keys import KeyIndex
from dompet.projections.laws import Laws
from dompet.projections.state import State
from dompet.projections.vocabulary import Status
from dompet.schemas.arrow import arrow_numbers
from dompet.schemas.strings import Strings

_OWNER_SHIFT = np.uint64(32)
_PREFIX_BYTES = 8


def wallet_table(state: State, laws: Laws, rows: NDArray[np.int64]) -> pa.Table:
    """Wallets by their rows of the state: beneficiary_id, partition, and the columns of `wallet_rows` but version."""
    wallets = state.wallets
    columns: dict[str, Any] = {
        "beneficiary_id": state.wallet_index.strings(rows).arrow(),
        "partition": arrow_numbers(wallets["partition"][rows]),
    }
    texts = {
        "rules": lambda: _category(wallets["rules"][rows], laws.names),
        "decree": lambda: state.texts.strings(wallets["decree"][rows]).arrow(),
        "status": lambda: _category(wallets["status"][rows], ["", *(one.name.lower() for one in Status if one)]),
    }
    for column in WALLET:
        name = column.name.replace("_after", "")
        columns[name] = texts[name]() if name in texts else _numbers(wallets[name.removesuffix("_us")][rows])
    return pa.table(columns)


def order_table(state: State, rows: NDArray[np.int64]) -> pa.Table:
    """The same for orders: their keys, partition, and the columns of `order_rows` but version."""
    orders = state.orders
    owner, platform, order_id = split_keys(state.order_index, rows)
    columns: dict[str, Any] = {
        "beneficiary_id": state.wallet_index.strings(owner).arrow(),
        "platform_id": state.texts.strings(platform).arrow(),
        "order_id": order_id.arrow(),
        "partition": arrow_numbers(state.wallets["partition"][owner]),
    }
    for column in ORDER:
        name = column.name.removeprefix("order_")
        values = orders[name.removesuffix("_us").replace("flag_bits", "flags")][rows]
        if column.kind in (Kind.STRING, Kind.CATEGORY):
            columns[name] = state.texts.strings(values).arrow()
        elif column.kind is Kind.NULLABLE:
            columns[name] = arrow_numbers(values, orders["has_score"][rows])
        else:
            columns[name] = _numbers(values)
    return pa.table(columns)


def reference_table(state: State) -> pa.Table:
    """Every reference: whose it is, its kind and id, and what the state keeps of it."""
    references = state.references
    rows = np.arange(1, references.count + 1)
    owner, kind, reference_id = split_keys(state.reference_index, rows)
    return pa.table(
        {
            "beneficiary_id": state.wallet_index.strings(owner).arrow(),
            "partition": arrow_numbers(state.wallets["partition"][owner]),
            "kind": arrow_numbers(kind),
            "id": reference_id.arrow(),
            **{name: _numbers(references[name][rows]) for name in references},
        }
    )


def split_keys(index: KeyIndex, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], Strings]:
    """Keys of orders or references (`state.order_keys`): the wallet's row, the platform or kind, and the id."""
    keys = index.strings(rows)
    first = keys.blob.view(np.uint64)[keys.start // _PREFIX_BYTES]
    ids = Strings(keys.blob, keys.start + _PREFIX_BYTES, keys.length - _PREFIX_BYTES)
    return (first >> _OWNER_SHIFT).astype(np.int64), (first & np.uint64(0xFFFFFFFF)).astype(np.int64), ids


def _category(codes: NDArray[Any], values: Any) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(arrow_numbers(codes.astype(np.int32)), pa.array(list(values)))


def _numbers(values: NDArray[Any]) -> pa.Array:
    return arrow_numbers(values.astype(np.int64))
