"""Wallets as they are in the live journal and as other rules make them, compared column by column."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dompet.projections.columns import LATEST
from dompet.projections.laws import Laws
from dompet.projections.result import MONEY
from dompet.projections.state import State
from dompet.projections.vocabulary import Status
from dompet.schemas.strings import Strings
from dompet.streams.warehouse.client import WarehouseClient

AMOUNTS: Final = (*MONEY, "balance")
_ID: Final = "beneficiary_id"
_EXAMPLES_MAX: Final = 5
_COLUMNS: Final[Mapping[str, str]] = {
    name: source for name, source in LATEST["wallet_rows"].items() if name not in (_ID, "partition", "version")
}
"""By column of `wallet_rows`, the journal's column that it comes from."""


@dataclass(frozen=True)
class Amount:
    """A column of money: in how many wallets it differs, and the sums of all wallets, in whole rupiah."""

    column: str
    wallets: int
    before: int
    after: int


@dataclass(frozen=True)
class Example:
    """A wallet that differs: by column, what it holds and what it would hold. Nothing where there is no wallet."""

    beneficiary_id: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class Wallets:
    """How many there are and would be, how many differ in any column, the money, and the first that differ."""

    before: int
    after: int
    changed: int
    amounts: list[Amount]
    examples: list[Example]


def live_wallets(client: WarehouseClient, ends: Mapping[int, int]) -> pa.Table:
    """The wallets as the live journal has them below these offsets, by beneficiary."""
    below = " OR ".join(f"(partition = {partition} AND offset < {end})" for partition, end in ends.items())
    columns = ", ".join(f"argMax({source}, offset) AS {name}" for name, source in _COLUMNS.items())
    return client.read(
        f"SELECT {_ID}, {columns} FROM journal_rows"  # noqa: S608
        f" WHERE outcome = 'accepted' AND ({below or 0}) GROUP BY {_ID}"
    )


def folded_wallets(state: State, laws: Laws) -> pa.Table:
    """The wallets of a fold's state, the same way."""
    rows = np.arange(1, state.wallets.count + 1)
    held = {name: values[1 : state.wallets.count + 1] for name, values in state.wallets.items()}
    columns: dict[str, Any] = {name: pa.array(_plain(held[name.removesuffix("_us")])) for name in _COLUMNS}
    columns["decree"] = state.texts.strings(held["decree"]).arrow().cast(pa.string())
    columns["rules"] = _named(laws.names, held["rules"])
    columns["status"] = _named([status.name.lower() for status in Status], held["status"])
    ids: Strings = state.wallet_index.strings(rows)
    return pa.table({_ID: ids.arrow().cast(pa.string()), **columns})


def compare(before: pa.Table, after: pa.Table) -> Wallets:
    """What differs between two tables of wallets."""
    old = pa.table({_ID: before[_ID], **{f"{name}_before": before[name] for name in _COLUMNS}, "old": _ones(before)})
    new = pa.table({_ID: after[_ID], **{f"{name}_after": after[name] for name in _COLUMNS}, "new": _ones(after)})
    both = old.join(new, _ID, join_type="full outer").sort_by(_ID)
    differ = {name: _differ(both[f"{name}_before"], both[f"{name}_after"]) for name in _COLUMNS}
    changed = np.logical_or.reduce(list(differ.values())) if len(both) else np.zeros(0, dtype=bool)
    return Wallets(
        len(before),
        len(after),
        int(changed.sum()),
        [Amount(name, int(differ[name].sum()), _sum(before[name]), _sum(after[name])) for name in AMOUNTS],
        [_example(both.slice(int(at), 1).to_pylist()[0]) for at in np.flatnonzero(changed)[:_EXAMPLES_MAX]],
    )


def _example(row: Mapping[str, Any]) -> Example:
    names = [name for name in _COLUMNS if row[f"{name}_before"] != row[f"{name}_after"]]
    before = {name: row[f"{name}_before"] for name in names} if row["old"] else {}
    return Example(row[_ID], before, {name: row[f"{name}_after"] for name in names} if row["new"] else {})


def _differ(before: Any, after: Any) -> Any:
    """Where two columns differ; null, where there is no wallet, is another than anything."""
    same = pc.fill_null(pc.equal(before, after), False)
    return np.logical_not(same.combine_chunks().to_numpy(zero_copy_only=False))


def _sum(column: Any) -> int:
    return int(pc.sum(column).as_py() or 0)


def _ones(table: pa.Table) -> Any:
    return pa.array(np.ones(len(table), dtype=bool))


def _plain(values: Any) -> Any:
    return values.astype(np.int64)


def _named(names: Any, places: Any) -> Any:
    return pa.array(np.array(list(names), dtype=object)[places], pa.string())
