"""A warehouse in memory: what was inserted into which table, and what its tables hold of it."""

from collections.abc import Iterable
from random import Random
from typing import Any, NamedTuple

import pyarrow as pa

from dompet.projections.columns import LATEST
from dompet.streams.pipeline.stored_journal import KEYS, Kind
from tests.simulation.histories import NOTHING, Place
from tests.support.folding import Row

LAST: dict[str, Kind] = {"wallet_rows": "wallet", "order_rows": "order"}
_DEFAULTS = {
    "journal_rows": NOTHING,
    **{table: {name: NOTHING[source] for name, source in LATEST[table].items()} for table in LAST},
}


class Insert(NamedTuple):
    """A whole insert, as it is done or repeated."""

    table: str
    rows: list[Row]


def insert_of(table: str, rows: pa.Table) -> Insert:
    """Rows in plain values, with every column that the fold leaves out at its default."""
    columns = {name: _plain(rows[name]) for name in rows.column_names}
    default = _DEFAULTS.get(table, {})
    return Insert(
        table, [default | dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    )


def _plain(column: pa.ChunkedArray) -> list[Any]:
    return [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in column.to_pylist()]


class Storage:
    """The tables, each as ClickHouse would show it once all is merged."""

    def __init__(self) -> None:
        self.inserts: list[Insert] = []
        self.starts = 1
        """How often it was started."""
        self._clear()

    def _clear(self) -> None:
        self.journal: dict[Place, Row] = {}
        self.last: dict[Kind, dict[tuple[str, ...], Row]] = {"wallet": {}, "order": {}}
        self.checkpoints: dict[Place, Row] = {}
        self.dead_letters: set[Place] = set()

    def apply(self, insert: Insert) -> None:
        """Do an insert."""
        self.inserts.append(insert)
        self._apply(insert)

    def _apply(self, insert: Insert) -> None:
        for row in insert.rows:
            match insert.table:
                case "journal_rows":
                    self.journal[row["partition"], row["offset"]] = row
                case "wallet_rows" | "order_rows":
                    self._keep(LAST[insert.table], row)
                case "checkpoint_rows":
                    self.checkpoints[row["partition"], row["next_offset"]] = row
                case "dead_letter_rows":
                    self.dead_letters.add((row["partition"], row["offset"]))

    def _keep(self, kind: Kind, row: Row) -> None:
        key = tuple(row[name] for name in KEYS[kind])
        if row["version"] >= self.last[kind].get(key, {"version": -1})["version"]:
            self.last[kind][key] = row

    def lose(self, tables: Iterable[str], rng: Random) -> None:
        """A power cut: of each of these tables the newest inserts are gone, of each another number."""
        for table in tables:
            places = [at for at, insert in enumerate(self.inserts) if insert.table == table]
            for at in sorted(places[len(places) - rng.randint(0, min(3, len(places))) :], reverse=True):
                del self.inserts[at]
        self.starts += 1
        self._clear()
        for insert in self.inserts:
            self._apply(insert)
