"""State rebuilt from the journal as of a checkpoint.

Rows of `wallet_rows` and `order_rows` that no event at or above the checkpoint has touched are right as they are; the
others are read from the journal as it was below it. Each wallet and order must be there once, as its last accepted
event left it: views that lost rows (a power cut can keep the journal and lose what it fed) are filled anew. Then the
wallets' sums must equal the sums of the journal's effects.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dompet.projections.journal import LATEST
from dompet.projections.laws import Laws
from dompet.projections.load import load_orders, load_references, load_wallets
from dompet.projections.result import MONEY
from dompet.projections.state import State
from dompet.projections.vocabulary import ReferenceKind, Stage
from dompet.schemas.errors import DompetError
from dompet.schemas.strings import Strings
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.migrate import migrations

_KEYS: Final = {"wallet": "beneficiary_id", "order": "beneficiary_id, platform_id, order_id"}
_SOURCES: Final = {
    what: {name: source for name, source in LATEST[f"{what}_rows"].items() if name not in (source, "version")}
    for what in _KEYS
}
"""By table, the journal's column behind each of its own that is no key."""

_ACCEPTED: Final = {"wallet": "outcome = 'accepted'", "order": "outcome = 'accepted' AND order_id != ''"}


_REFERENCES: Final[Mapping[ReferenceKind, tuple[str, tuple[str, ...], Mapping[str, str]]]] = {
    ReferenceKind.CREDIT: ("credit_id", ("SaldoCredited",), {"amount": "any(amount)"}),
    ReferenceKind.PAYOUT: (
        "payout_id",
        ("IncentivePaid", "IncentiveReversed", "IncentivePayoutFailed"),
        {
            "amount": "any(amount)",  # paid, sent back or failed: an accepted id has one amount for ever
            "stage": f"max(multiIf(type = 'IncentivePaid', {Stage.PAID:d}, type = 'IncentiveReversed',"
            f" {Stage.REVERSED:d}, {Stage.FAILED:d}))",
        },
    ),
    ReferenceKind.CLAWBACK: (
        "clawback_id",
        ("ClawbackOrdered", "ClawbackRepaid"),
        {"amount": "sum(clawback_ordered_change)", "repaid": "sum(clawback_repaid_change)"},
    ),
    ReferenceKind.REPAYMENT: ("repayment_id", ("ClawbackRepaid",), {"amount": "any(amount)"}),
    ReferenceKind.SANCTION: ("event_id", ("BeneficiarySanctioned",), {}),
}
"""By kind: the journal's column of its id, the events that make it, and what the state keeps of it."""

_TRIES: Final = 3


class RecoveryError(DompetError):
    """The journal and its wallets and orders contradict each other, even after these were filled anew."""


def recover(warehouse: Warehouse, laws: Laws, state: State, upto: Mapping[int, int]) -> None:
    """Fill an empty state with what the journal says below `upto`, the next offset of each partition."""
    below = {partition: offset for partition, offset in upto.items() if offset > 0}
    if not below:
        return
    _heal_movements(warehouse, below)
    wallets, orders = _whole(warehouse, "wallet", below), _whole(warehouse, "order", below)
    if _sums(wallets) != _journal_sums(warehouse, below):
        raise RecoveryError("the wallets do not add up to the journal's effects: the warehouse must be rebuilt")
    load_wallets(state, laws, _columns(wallets))
    load_orders(state, _columns(orders))
    for kind, (id_name, types, kept) in _REFERENCES.items():
        some = ", ".join(f"'{name}'" for name in types)
        references = warehouse.read(
            f"SELECT {', '.join(('beneficiary_id', id_name, *kept.values()))} FROM journal_rows FINAL"  # noqa: S608
            f" WHERE outcome = 'accepted' AND type IN ({some}) AND {_where(below)} GROUP BY beneficiary_id, {id_name}"
        )
        load_references(state, kind, _columns(references.rename_columns(["beneficiary_id", "id", *kept])))


def _where(below: Mapping[int, int], column: str = "offset", comparison: str = "<") -> str:
    """The condition that a row lies below its partition's checkpoint (or, by `>=`, not below it)."""
    one_by_one = (f"(partition = {p} AND {column} {comparison} {offset})" for p, offset in sorted(below.items()))
    return f"({' OR '.join(one_by_one)})"


def _whole(warehouse: Warehouse, what: str, below: Mapping[int, int]) -> pa.Table:
    """The last row of every wallet or order, each once.

    What another worker writes between two queries can make one show twice; so a second look comes before despair.
    """
    keys = _KEYS[what]
    for _ in range(_TRIES):
        rows = _last_rows(warehouse, what, below)
        expected = warehouse.read(
            "SELECT count() AS keys, sum(latest) AS versions FROM (SELECT max(offset) AS latest"  # noqa: S608
            f" FROM journal_rows WHERE {_ACCEPTED[what]} AND {_where(below)} GROUP BY {keys})"
        )
        found = {"keys": rows.num_rows, "versions": pc.sum(rows["version"]).as_py() or 0}
        if [found] == expected.to_pylist():
            return rows
        _refill(warehouse, what)
    raise RecoveryError(f"{what}_rows does not hold what the journal says: the warehouse must be rebuilt")


def _last_rows(warehouse: Warehouse, what: str, below: Mapping[int, int]) -> pa.Table:
    """The last accepted row of every wallet or order below the checkpoint."""
    keys, sources = _KEYS[what], _SOURCES[what]
    untouched = warehouse.read(
        f"SELECT {keys}, partition, version, {', '.join(sources)} FROM {what}_rows FINAL"  # noqa: S608
        f" WHERE {_where(below, 'version')}"
    )
    # A key whose last row lies above the checkpoint may have had an earlier one below it. Columns get their names only
    # here: an alias like a column's name would stand for the aggregate in the conditions, too.
    latest = ", ".join(f"argMax({source}, offset)" for source in sources.values())
    touched = warehouse.read(
        f"SELECT {keys}, any(partition), max(offset), {latest} FROM journal_rows"  # noqa: S608
        f" WHERE {_ACCEPTED[what]} AND {_where(below)}"
        f" AND ({keys}) IN (SELECT {keys} FROM {what}_rows WHERE {_where(below, 'version', '>=')})"
        f" GROUP BY {keys}"
    )
    if not touched.num_rows:
        return untouched
    return pa.concat_tables([untouched, touched.rename_columns(untouched.column_names)], promote_options="permissive")


def _sums(wallets: pa.Table) -> tuple[int, ...]:
    return tuple(pc.sum(wallets[name]).as_py() or 0 for name in MONEY)


def _journal_sums(warehouse: Warehouse, below: Mapping[int, int]) -> tuple[int, ...]:
    sums = ", ".join(f"sum({name}_change) AS {name}" for name in MONEY)
    row = warehouse.read(f"SELECT {sums} FROM journal_rows FINAL WHERE {_where(below)}").to_pylist()[0]  # noqa: S608
    return tuple(row[name] for name in MONEY)


def _refill(warehouse: Warehouse, what: str) -> None:
    """Feed the whole journal to a view's table once more; what it has is replaced by the same rows."""
    keys, sources = _KEYS[what], _SOURCES[what]
    latest = ", ".join(f"argMax({source}, offset)" for source in sources.values())
    warehouse.execute(
        f"INSERT INTO {what}_rows ({keys}, partition, version, {', '.join(sources)})"  # noqa: S608
        f" SELECT {keys}, any(partition), max(offset), {latest} FROM journal_rows"
        f" WHERE {_ACCEPTED[what]} GROUP BY {keys}"
    )


def _heal_movements(warehouse: Warehouse, below: Mapping[int, int]) -> None:
    """Feed the journal to `movement_rows` once more where it lost rows, by the statement that first filled it."""
    moved = "outcome = 'accepted' AND (type = 'CoursePurchased' OR type = 'PurchaseRefunded')"
    counts = [
        warehouse.read(f"SELECT count() AS n FROM {table} FINAL WHERE {where} AND {_where(below)}").to_pylist()  # noqa: S608
        for table, where in (("journal_rows", moved), ("movement_rows", "1"))
    ]
    if counts[0] != counts[1]:
        [fill] = [
            one for step in migrations() for one in step.statements if one.startswith("INSERT INTO movement_rows")
        ]
        warehouse.execute(fill)


def _columns(table: pa.Table) -> dict[str, Any]:
    """A result's columns as the state loads them."""
    return {name: _column(table[name].combine_chunks()) for name in table.column_names}


def _column(column: pa.Array) -> Any:
    if pa.types.is_integer(column.type):
        values = column.fill_null(0).to_numpy()
        if not column.null_count:
            return values
        return np.ma.array(values, mask=column.is_null().to_numpy(zero_copy_only=False))
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return Strings.of_arrow(column)
