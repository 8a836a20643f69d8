"""The stored journal, asked without SQL."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa

from dompet.projections.columns import COLUMNS, LATEST
from dompet.projections.columns import Kind as ColumnKind
from dompet.projections.digest import DIGESTED, row_digests
from dompet.projections.load import REFERENCE_IDS
from dompet.projections.result import MONEY
from dompet.schemas.contracts import type_codes
from dompet.streams.pipeline.checkpoints import Checkpoint
from dompet.streams.pipeline.stored_journal import KEYS, Digest, Kind, Tally
from tests.simulation.storage import Insert, Storage
from tests.support.folding import Row

_TYPES: Final = {
    ColumnKind.INT64: pa.int64(),
    ColumnKind.INT32: pa.int32(),
    ColumnKind.UINT8: pa.uint8(),
    ColumnKind.NULLABLE: pa.int64(),
}
_TYPE_OF: Final = {column.name: _TYPES.get(column.kind, pa.string()) for column in COLUMNS}
_REFERENCE: Final = {
    **{name: _TYPE_OF[name] for name in ("partition", "offset")},
    "type_code": pa.uint8(),
    **{name: pa.string() for name in ("beneficiary_id", "id", "clawback_id")},
    "amount": pa.int64(),
}


class MemoryJournal:
    """The journal in a `Storage`: see `StoredJournal`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def server_start(self) -> int:
        return 100 * self._storage.starts

    def makers(self) -> list[Mapping[str, Any]]:
        names = ("cluster_id", "topic", "partition_count", "rules_digest", "fold_version")
        return [{name: row[name] for name in names} for row in self._storage.checkpoints.values()]

    def credit_since(self, digest: str, begins_us: int) -> tuple[int, int] | None:
        folded: dict[int, int] = {}
        for row in self._standing():
            if row["rules_digest"] == digest:
                folded[row["partition"]] = max(folded.get(row["partition"], 0), row["next_offset"])
        late = [row for row in self._below(folded) if row["type"] == "SaldoCredited"]
        return min(((r["partition"], r["offset"]) for r in late if r["occurred_at_us"] >= begins_us), default=None)

    def newest_checkpoints(self, partitions: Collection[int]) -> list[Checkpoint]:
        newest: dict[int, Row] = {}
        for row in sorted(self._standing(), key=lambda row: int(row["next_offset"])):
            if row["partition"] in partitions:
                newest[row["partition"]] = row
        return [Checkpoint(**{n: row[n] for n in Checkpoint.__dataclass_fields__}) for _, row in sorted(newest.items())]

    def void(self, checkpoint: Checkpoint) -> None:
        row = self._storage.checkpoints[checkpoint.partition, checkpoint.next_offset]
        self._storage.apply(Insert("checkpoint_rows", [row | {"rows": 0}]))

    def newest_recorded_us(self, partitions: Collection[int]) -> int:
        return max((row["recorded_at_us"] for row in self._standing() if row["partition"] in partitions), default=0)

    def tallies(self, below: Mapping[int, int]) -> dict[int, Tally]:
        by_partition: dict[int, list[Row]] = {}
        for row in self._below(below):
            by_partition.setdefault(row["partition"], []).append(row)
        return {partition: _tally(rows) for partition, rows in by_partition.items()}

    def digests(self, checkpoints: Iterable[Checkpoint]) -> dict[int, Digest]:
        digests = {}
        for one in checkpoints:
            places = ((one.partition, offset) for offset in range(one.first_offset, one.next_offset))
            rows = [self._storage.journal[place] for place in places if place in self._storage.journal]
            if rows:
                columns = {c.name: np.array([row[c.name] or 0 for row in rows], dtype=np.int64) for c in DIGESTED}
                digest = int(row_digests(columns, len(rows)).sum(dtype=np.uint64))
                digests[one.partition] = Digest(len(rows), digest)
        return digests

    def last_places(self, kind: Kind, below: Mapping[int, int]) -> pa.Table:
        last: dict[tuple[str, ...], Row] = {}
        for row in sorted(self._below(below), key=lambda row: int(row["offset"])):
            if row["outcome"] == "accepted" and (kind == "wallet" or row["order_id"]):
                last[tuple(row[name] for name in KEYS[kind])] = row
        return _table(last.values(), {name: _TYPE_OF[name] for name in ("partition", "offset")})

    def latest(self, kind: Kind, partitions: Collection[int]) -> pa.Table:
        kept = (row for row in self._storage.last[kind].values() if row["partition"] in partitions)
        return _table(kept, {name: _TYPE_OF[source] for name, source in LATEST[f"{kind}_rows"].items()})

    def rows_at(self, kind: Kind, places: Iterable[tuple[int, int]]) -> pa.Table:
        columns = LATEST[f"{kind}_rows"]
        found = (self._storage.journal[place] for place in places if place in self._storage.journal)
        return _table(found, {source: _TYPE_OF[source] for source in columns.values()}).rename_columns(list(columns))

    def references(self, below: Mapping[int, int]) -> pa.Table:
        made = (row for row in self._below(below) if row["outcome"] == "accepted" and row["type"] in REFERENCE_IDS)
        codes = type_codes()
        named = ({**row, "type_code": codes[row["type"]], "id": row[REFERENCE_IDS[row["type"]]]} for row in made)
        return _table(named, _REFERENCE)

    def steps(self, below: Mapping[int, int]) -> int:
        return sum(_is_step(row) for row in self._below(below))  # kept by the warehouse itself

    def refill(self, table: Literal["wallet_rows", "order_rows", "step_rows"]) -> None:
        if table == "step_rows":
            return
        kind: Kind = "wallet" if table == "wallet_rows" else "order"
        accepted = (row for row in self._storage.journal.values() if row["outcome"] == "accepted")
        rows = (row for row in accepted if kind == "wallet" or row["order_id"])
        kept = [{name: row[source] for name, source in LATEST[table].items()} for row in rows]
        self._storage.apply(Insert(table, kept))

    def _standing(self) -> list[Row]:
        return [row for row in self._storage.checkpoints.values() if row["rows"] > 0]

    def _below(self, below: Mapping[int, int]) -> list[Row]:
        return [row for (p, offset), row in self._storage.journal.items() if offset < below.get(p, 0)]


def _is_step(row: Row) -> bool:
    if row["type"] == "AttendanceRecorded" and not (row["present"] and row["order_attended"].bit_count() == 1):
        return False
    return bool(row["outcome"] == "accepted" and row["platform_id"])


def _tally(rows: list[Row]) -> Tally:
    money = {name: sum(row[f"{name}_change"] for row in rows) for name in MONEY}
    return Tally(len(rows), sum(map(_is_step, rows)), money)


def _table(rows: Iterable[Row], types: Mapping[str, pa.DataType]) -> pa.Table:
    some = list(rows)
    return pa.table({name: pa.array([row[name] for row in some], kind) for name, kind in types.items()})
