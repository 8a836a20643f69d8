"""A worker's chains: one for each partition that it is assigned, kept with the checkpoints.

A chain goes on at the start of a segment. After an assignment the worker therefore reads from the start of the segment
in which the checkpoint lies; what is below the checkpoint is hashed, compared with the head that was stored with it,
and not folded again.
"""

import logging
from collections.abc import Iterable, Mapping
from itertools import pairwise

import numpy as np
import pyarrow as pa

from dompet.schemas.errors import DompetError
from dompet.schemas.records import Records
from dompet.streams.proof.chain import SEGMENT, VERSION, Chain, Head
from dompet.streams.warehouse import Warehouse
from dompet.streams.warehouse.texts import with_texts

log = logging.getLogger("dompet.chain")


class LogChanged(DompetError):
    """The log no longer holds what the journal was made from."""


class Chains:
    """The chains of the assigned partitions. `read_again` counts the records that were hashed and not folded."""

    def __init__(self) -> None:
        self._chains: dict[int, Chain] = {}
        self._positions: dict[int, int] = {}
        self._stored: dict[int, bytes] = {}
        self._ended: list[Head] = []
        self.read_again = 0

    def assign(
        self, warehouse: Warehouse, positions: Mapping[int, int], log_begins: Mapping[int, int]
    ) -> dict[int, int]:
        """Take over partitions that go on at these offsets; where each is to be read from, for the chain's sake.

        A partition whose log lacks the records that its chain needs goes on without one.
        """
        self._positions = dict(positions)
        self._chains = {partition: Chain(partition) for partition in positions}
        for one in _ended(warehouse, positions):
            self._chains[one.partition] = Chain(one.partition, one.segment + 1, one.head)
        self._stored = {one.partition: one.head for one in _at(warehouse, positions)}
        self._ended = []
        for partition, begin in log_begins.items():
            if begin > self._chains[partition].next_offset:
                del self._chains[partition]
                log.warning("partition %d has no chain: the log begins at offset %d, after its start", partition, begin)
        starts = {partition: chain.next_offset for partition, chain in self._chains.items()}
        return {**positions, **starts}

    def take(self, records: Records) -> Records | None:
        """Hash a batch; of it, what is to be folded. LogChanged where what is below a checkpoint is not what it was."""
        fresh = np.ones(len(records), dtype=np.bool_)
        for partition, rows in partition_slices(records):
            if (chain := self._chains.get(partition)) is not None:
                below = rows.start + int(np.searchsorted(records.offset[rows], self._positions[partition]))
                self._read_again(chain, records, slice(rows.start, below))
                fresh[rows.start : below] = False
                if below < rows.stop:
                    self._ended += chain.extend(records, slice(below, rows.stop))
        if fresh.all():
            return records
        return records.take(np.flatnonzero(fresh)) if fresh.any() else None

    def _read_again(self, chain: Chain, records: Records, rows: slice) -> None:
        """Hash records below the checkpoint; with the last of them the head must be the one that was stored."""
        if rows.start == rows.stop:
            return
        self._ended += chain.extend(records, rows)
        self.read_again += rows.stop - rows.start
        stored = self._stored.get(chain.partition)
        if chain.next_offset == self._positions[chain.partition] and stored not in (None, chain.head().head):
            first = (chain.next_offset - 1) // SEGMENT * SEGMENT
            raise LogChanged(
                f"partition {chain.partition}: what the log holds from offset {first} to {chain.next_offset - 1} is not"
                " what the journal was made from: `dompet verify` says where they differ"
            )

    def table(self, records: Records) -> pa.Table:
        """The heads to store with the batch that was just taken: of segments that ended since the last one was stored,
        and of those that are open.
        """
        heads, self._ended = self._ended, []
        chains = [self._chains[p] for p in np.unique(records.partition).tolist() if p in self._chains]
        return chain_table(heads + [head for chain in chains if (head := chain.head()).records])


def partition_slices(records: Records) -> list[tuple[int, slice]]:
    """The rows of each partition of a batch, which lies by partition."""
    begins = np.flatnonzero(np.diff(records.partition, prepend=-1)).tolist()
    return [(int(records.partition[begin]), slice(begin, end)) for begin, end in pairwise([*begins, len(records)])]


def chain_table(heads: list[Head]) -> pa.Table:
    """Heads as rows of `chain_rows`."""
    return pa.table(
        {
            "formula": pa.array([VERSION] * len(heads), pa.int32()),
            "partition": pa.array([one.partition for one in heads], pa.int32()),
            "segment": pa.array([one.segment for one in heads], pa.int64()),
            "next_offset": pa.array([one.next_offset for one in heads], pa.int64()),
            "records": pa.array([one.records for one in heads], pa.int64()),
            "head": pa.array([one.head.hex() for one in heads], pa.string()),
        }
    )


def stored_heads(rows: pa.Table) -> list[Head]:
    """Rows of `chain_rows` as heads."""
    return [
        Head(row["partition"], row["segment"], row["next_offset"], row["records"], bytes.fromhex(row["head"]))
        for row in with_texts(rows).to_pylist()
    ]


def _ended(warehouse: Warehouse, positions: Mapping[int, int]) -> list[Head]:
    """Of each partition the last segment that had ended below its position: no offset of it is left, or a record of a
    later one was stored, for a segment's last offsets may hold no records.
    """
    below = _any_of(f"partition = {p} AND next_offset <= {offset}" for p, offset in positions.items())
    last: dict[int, Head] = {}
    ended: dict[int, Head] = {}
    for one in _heads(warehouse, below, 2):
        later = last.setdefault(one.partition, one)
        if one.is_whole or one is not later:
            ended.setdefault(one.partition, one)
    return list(ended.values())


def _at(warehouse: Warehouse, positions: Mapping[int, int]) -> list[Head]:
    """Of each partition the head that was stored with its checkpoint, if no later one replaced it."""
    at = _any_of(f"partition = {p} AND next_offset = {offset}" for p, offset in positions.items())
    return _heads(warehouse, at, 1)


def _heads(warehouse: Warehouse, where: str, limit: int) -> list[Head]:
    """Of each partition the last heads that are so, the later ones first."""
    return stored_heads(
        warehouse.read(
            "SELECT partition, segment, next_offset, records, head FROM chain_rows FINAL"  # noqa: S608
            f" WHERE formula = {VERSION} AND {where} ORDER BY partition, segment DESC LIMIT {limit} BY partition"
        )
    )


def _any_of(conditions: Iterable[str]) -> str:
    return f"({' OR '.join(f'({condition})' for condition in conditions) or '0'})"
