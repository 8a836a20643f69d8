"""Journal columns, wallets, orders and dead letters as Arrow tables, ready to insert."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from dompet.projections.columns import LATEST
from dompet.projections.journal import Category, Nullable
from dompet.projections.keys import Rows
from dompet.projections.result import Result
from dompet.schemas.arrow import arrow_numbers
from dompet.schemas.decode import Decoded
from dompet.schemas.hints import hints_of
from dompet.schemas.strings import Strings


def arrow_table(columns: Mapping[str, Any]) -> pa.Table:
    """The journal's columns, whatever form the fold gave them."""
    return pa.table({name: _arrow(values) for name, values in columns.items()})


def latest_tables(journal: pa.Table, result: Result) -> dict[str, pa.Table]:
    """What the batch makes of `wallet_rows` and `order_rows`: of each wallet and order its last accepted row."""
    batch = result.batch
    return {
        "wallet_rows": latest_table("wallet_rows", journal, result.latest(batch.persons)),
        "order_rows": latest_table("order_rows", journal, result.latest(batch.orders)),
    }


def latest_table(name: str, journal: pa.Table, rows: Rows) -> pa.Table:
    """Rows of the journal with the columns of `wallet_rows` or `order_rows`."""
    there = frozenset(journal.column_names)
    sources = {column: source for column, source in LATEST[name].items() if source in there}
    return journal.select(list(sources.values())).take(arrow_numbers(rows)).rename_columns(list(sources))


def _arrow(values: Any) -> Any:
    match values:
        case Category():
            return pa.DictionaryArray.from_arrays(arrow_numbers(values.codes), values.values.arrow())
        case Nullable():
            return arrow_numbers(values.values, values.present)
        case Strings():
            return values.arrow()
        case np.ndarray():
            return arrow_numbers(values)
    return values


def dead_letter_table(topic: str, decoded: Decoded) -> pa.Table:
    """The batch's dead records with their bytes unchanged, and why they are dead."""
    records, rows = decoded.records, list(decoded.dead)
    faults = [decoded.dead[row] for row in rows]
    return pa.table(
        {
            "topic": pa.array([topic] * len(rows)),
            "partition": arrow_numbers(records.partition[rows]),
            "offset": arrow_numbers(records.offset[rows]),
            "recorded_at_us": arrow_numbers(records.recorded_at_us[rows]),
            "error": pa.array([type(fault).__name__ for fault in faults]),
            "message": pa.array([str(fault) for fault in faults]),
            "key": pa.array([records.keys[row] for row in rows], type=pa.binary()),
            "value": pa.array([records.values[row] for row in rows], type=pa.binary()),
        }
    )


def dead_letter_publishers(topic: str, decoded: Decoded) -> pa.Table:
    """Who sent the batch's dead records, as far as their bytes show."""
    records, rows = decoded.records, list(decoded.dead)
    return pa.table(
        {
            "topic": pa.array([topic] * len(rows)),
            "partition": arrow_numbers(records.partition[rows]),
            "offset": arrow_numbers(records.offset[rows]),
            "publisher_id": pa.array([hints_of(records.values[row]).publisher_id for row in rows]),
        }
    )
