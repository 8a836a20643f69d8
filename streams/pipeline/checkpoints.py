"""Checkpoints: up to which offset the journal is whole, and under which log, fold and rules it was made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from dompet.projections.digest import row_digests
from dompet.projections.fold import VERSION
from dompet.schemas.records import Records
from dompet.streams.warehouse import Warehouse


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
