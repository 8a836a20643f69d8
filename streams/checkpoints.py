"""Checkpoints: up to which offset the journal is whole, and under which log, fold and rules it was made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from dompet.projections.digest import digest_sql, row_digests
from dompet.projections.fold import VERSION
from dompet.schemas.errors import DompetError
from dompet.schemas.records import Records
from dompet.streams.warehouse import Warehouse


class JournalMismatch(DompetError):
    """The journal belongs to another log, fold or rulebook than the worker's."""


@dataclass(frozen=True)
class Identity:
    """What a journal is a function of.

    `extended`: the digests of the rulebooks that this one only adds periods to, each with when the first of these
    periods begins, in UTC microseconds.
    """

    cluster_id: str
    topic: str
    partition_count: int
    rules_digest: str
    fold_version: int = VERSION
    extended: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Checkpoint:
    """The journal of `partition` is whole below `next_offset`.

    `rows` and `digest` are of its rows from `first_offset` on; `total_rows` counts all of them from the log's start.
    """

    partition: int
    first_offset: int
    next_offset: int
    rows: int
    total_rows: int
    digest: int


def batch_checkpoints(records: Records, rows: Mapping[str, Any], total_rows: dict[int, int]) -> list[Checkpoint]:
    """A checkpoint for each partition of a batch; `total_rows` by partition is brought up to date."""
    digests = row_digests(rows, len(records))
    made = []
    for partition in np.unique(records.partition).tolist():
        mine = records.partition == partition
        offsets = records.offset[mine]
        total_rows[partition] = total_rows.get(partition, 0) + len(offsets)
        digest = int(digests[mine].sum(dtype=np.uint64))
        first, last = int(offsets[0]), int(offsets[-1])
        made.append(Checkpoint(partition, first, last + 1, len(offsets), total_rows[partition], digest))
    return made


def store_checkpoints(
    warehouse: Warehouse, identity: Identity, made: Iterable[Checkpoint], recorded_at_us: int
) -> None:
    """Write checkpoints, after what they speak of."""
    rows = list(made)
    of = {name: [getattr(one, name) for one in rows] for name in Checkpoint.__dataclass_fields__}
    columns: dict[str, Any] = {
        "cluster_id": pa.array([identity.cluster_id] * len(rows)),
        "topic": pa.array([identity.topic] * len(rows)),
        "partition_count": pa.array([identity.partition_count] * len(rows), pa.int32()),
        "partition": pa.array(of["partition"], pa.int32()),
        "digest": pa.array(of["digest"], pa.uint64()),
        "fold_version": pa.array([identity.fold_version] * len(rows), pa.int32()),
        "rules_digest": pa.array([identity.rules_digest] * len(rows)),
        "recorded_at_us": pa.array([recorded_at_us] * len(rows), pa.int64()),
    }
    for name in ("first_offset", "next_offset", "rows", "total_rows"):
        columns[name] = pa.array(of[name], pa.int64())
    warehouse.insert("checkpoint_rows", pa.table(columns))


def check_identity(warehouse: Warehouse, identity: Identity) -> None:
    """JournalMismatch, saying how to go on, where the journal was made from another log or by other rules.

    Rules that add a period to the journal's own are the same rules for every wallet there is, as long as no credit
    was seen that lies in it.
    """
    made_from = warehouse.read(
        "SELECT cluster_id, topic, partition_count, rules_digest, fold_version FROM checkpoint_rows"
        " GROUP BY cluster_id, topic, partition_count, rules_digest, fold_version"
    )
    rebuild = "to make a new journal from the log, point DOMPET_WAREHOUSE at an empty place and start the worker there"
    for row in made_from.to_pylist():
        found = {name: value.decode() if isinstance(value, bytes) else value for name, value in row.items()}
        for name, what in (
            ("cluster_id", "Kafka cluster"),
            ("topic", "log topic"),
            ("partition_count", "number of partitions"),
            ("fold_version", "version of the fold"),
            ("rules_digest", "rulebook (digest)"),
        ):
            if name == "rules_digest" and found[name] in identity.extended:
                _check_extension(warehouse, found[name], identity.extended[found[name]], rebuild)
            elif found[name] != getattr(identity, name):
                raise JournalMismatch(
                    f"the warehouse's journal was made with {what} {found[name]}, this worker has "
                    f"{getattr(identity, name)}: {rebuild}"
                )


def _check_extension(warehouse: Warehouse, digest: str, begins_us: int, rebuild: str) -> None:
    """JournalMismatch where a credit that was folded under the shorter rulebook lies in the period added since."""
    folded = warehouse.read(
        "SELECT partition, max(next_offset) AS next_offset FROM checkpoint_rows FINAL"
        " WHERE rows > 0 AND rules_digest = %(digest)s GROUP BY partition",
        {"digest": digest},
    ).to_pylist()
    if not folded:
        return
    below = _any_of(f"partition = {one['partition']} AND offset < {one['next_offset']}" for one in folded)
    late = warehouse.read(
        f"SELECT partition, offset FROM journal_rows WHERE type = 'SaldoCredited' AND ({below})"  # noqa: S608
        " AND occurred_at_us >= %(begins_us)s ORDER BY partition, offset LIMIT 1",
        {"begins_us": begins_us},
    ).to_pylist()
    if late:
        raise JournalMismatch(
            "the rulebook adds a period that begins before a credit the journal already has "
            f"(partition {late[0]['partition']}, offset {late[0]['offset']}): {rebuild}"
        )


def last_that_holds(warehouse: Warehouse, partitions: Iterable[int]) -> dict[int, Checkpoint]:
    """The newest checkpoint of each partition that the journal bears out; none where no checkpoint holds.

    After a power loss the one may have been kept and the other lost: a checkpoint that the journal does not bear out
    is voided, and the one before it is tried.
    """
    found: dict[int, Checkpoint] = {}
    open_partitions = set(partitions)
    while open_partitions:
        newest = _newest(warehouse, open_partitions)
        held = _held_up(warehouse, newest)
        found.update({one.partition: one for one in held})
        broken = [one for one in newest if one not in held]
        _void(warehouse, broken)
        open_partitions = {one.partition for one in broken}
    return found


def newest_recorded_us(warehouse: Warehouse, partitions: Iterable[int]) -> int:
    """When the newest record that the partitions' checkpoints vouch for came onto the log; 0 where there is none."""
    [row] = warehouse.read(
        "SELECT max(recorded_at_us) AS newest FROM checkpoint_rows FINAL"
        " WHERE rows > 0 AND partition IN %(partitions)s",
        {"partitions": tuple(partitions)},
    ).to_pylist()
    return int(row["newest"])


def _newest(warehouse: Warehouse, partitions: Iterable[int]) -> list[Checkpoint]:
    names = ", ".join(Checkpoint.__dataclass_fields__)
    rows = warehouse.read(
        f"SELECT {names} FROM checkpoint_rows FINAL WHERE rows > 0 AND partition IN %(partitions)s"  # noqa: S608
        " ORDER BY partition, next_offset DESC LIMIT 1 BY partition",
        {"partitions": tuple(partitions)},
    )
    return [Checkpoint(**row) for row in rows.to_pylist()]


def _held_up(warehouse: Warehouse, candidates: list[Checkpoint]) -> list[Checkpoint]:
    """Those for which the journal has every row, and the last batch's rows are the ones that were written."""
    if not candidates:
        return []
    below = _any_of(f"partition = {one.partition} AND offset < {one.next_offset}" for one in candidates)
    last = _any_of(
        f"partition = {one.partition} AND offset >= {one.first_offset} AND offset < {one.next_offset}"
        for one in candidates
    )
    # Only the key's columns are read for the count; the digest looks at the last batch alone.
    counted = warehouse.read(
        "SELECT partition, count() AS total_rows FROM (SELECT partition, offset FROM journal_rows FINAL"  # noqa: S608
        f" WHERE {below}) GROUP BY partition"
    )
    digested = warehouse.read(
        f"SELECT partition, count() AS rows, {digest_sql()} AS digest FROM journal_rows FINAL"  # noqa: S608
        f" WHERE {last} GROUP BY partition"
    )
    found: dict[int, dict[str, int]] = {}
    for row in (*counted.to_pylist(), *digested.to_pylist()):
        found.setdefault(row["partition"], {}).update(row)
    return [
        one
        for one in candidates
        if found.get(one.partition)
        == {"partition": one.partition, "total_rows": one.total_rows, "rows": one.rows, "digest": one.digest}
    ]


def _any_of(conditions: Iterable[str]) -> str:
    return " OR ".join(f"({condition})" for condition in conditions)


def _void(warehouse: Warehouse, broken: list[Checkpoint]) -> None:
    """Replace checkpoints by ones without rows, which nothing looks at."""
    for one in broken:
        row = warehouse.read(
            "SELECT * FROM checkpoint_rows FINAL WHERE partition = %(partition)s AND next_offset = %(next)s",
            {"partition": one.partition, "next": one.next_offset},
        )
        place = row.column_names.index("rows")
        warehouse.insert("checkpoint_rows", row.set_column(place, "rows", pa.array([0] * row.num_rows, pa.int64())))
