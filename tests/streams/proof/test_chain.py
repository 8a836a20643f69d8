"""The chain's heads are those of the formula, whatever batches the log came in and whichever worker had read it."""

import hashlib
import struct
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dompet.schemas.records import VALUE_BYTES_MAX, RawColumn, Records
from dompet.streams.proof import chain as chains_module
from dompet.streams.proof.chain import GENESIS, VERSION, Chain, Head
from dompet.streams.proof.chains import Chains, LogChanged, chain_table, partition_slices
from dompet.streams.warehouse import Warehouse
from tests.support.stored import shown

SMALL = 7
"""Offsets in a segment here: so that a few records fill some."""


class Entry(NamedTuple):
    """A record of the log."""

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None


@pytest.fixture(autouse=True)
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("dompet.streams.proof.chain", "dompet.streams.proof.chains"):
        monkeypatch.setattr(f"{name}.SEGMENT", SMALL)


def by_the_book(entries: Sequence[Entry]) -> bytes:
    """The head after these records of one partition, as docs/proof.md has it, one record at a time."""
    head = bytes(32)
    for segment in sorted({one.offset // chains_module.SEGMENT for one in entries}):
        places, keys, values, records = hashlib.sha256(), hashlib.sha256(), hashlib.sha256(), 0
        for one in entries:
            if one.offset // chains_module.SEGMENT == segment:
                lengths = [-1 if text is None else len(text) for text in (one.key, one.value)]
                places.update(struct.pack("<qqii", one.offset, one.timestamp_ms, *lengths))
                keys.update(one.key or b"")
                values.update(one.value or b"")
                records += 1
        described = struct.pack("<iiqq", VERSION, entries[0].partition, segment, records)
        digest = hashlib.sha256(described + places.digest() + keys.digest() + values.digest()).digest()
        head = hashlib.sha256(head + digest).digest()
    return head


def as_records(entries: Sequence[Entry]) -> Records:
    """A batch of them."""
    ordered = sorted(entries, key=lambda one: (one.partition, one.offset))
    return Records(
        np.array([one.partition for one in ordered], dtype=np.int32),
        np.array([one.offset for one in ordered], dtype=np.int64),
        np.array([one.timestamp_ms * 1000 for one in ordered], dtype=np.int64),
        RawColumn.of([one.key for one in ordered]),
        RawColumn.of([one.value for one in ordered]),
        3,
    )


def entries(seed: int, size: int) -> list[Entry]:
    """A log of three partitions in the order in which it came, nulls, empty and long values among it."""
    rng = Random(seed)
    ends = dict.fromkeys(range(3), 0)
    made = []
    for at in range(size):
        partition = rng.choice((0, 0, 1, 2))
        texts = [rng.choice((None, b"", rng.randbytes(rng.randrange(60)), bytes(VALUE_BYTES_MAX + 1))) for _ in "kv"]
        if rng.random() < 0.8:
            texts = [rng.randbytes(12), rng.randbytes(rng.randrange(200))]
        made.append(Entry(partition, ends[partition], 1_600_000_000_000 + at, *texts))
        ends[partition] += 1
    return made


def extend(chain: Chain, batch: Records) -> list[Head]:
    """The batch's rows of the chain's partition."""
    return [head for p, rows in partition_slices(batch) if p == chain.partition for head in chain.extend(batch, rows)]


def test_heads_are_those_of_the_published_formula() -> None:
    log = entries(1, 60)
    for partition in range(3):
        mine = [one for one in log if one.partition == partition]
        assert len(mine) > SMALL
        for size in range(1, len(mine) + 1):
            chain = Chain(partition)
            extend(chain, as_records(mine[:size]))
            assert chain.head().head == by_the_book(mine[:size])


def test_the_formula_of_version_1_never_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dompet.streams.proof.chain.SEGMENT", 8_192)
    chain = Chain(3)
    assert chain.head() == Head(3, 0, 0, 0, GENESIS)
    extend(chain, as_records([Entry(3, 0, 1_600_000_000_000, b"b-1", b"\0\0\0\4value"), Entry(3, 1, 5, None, b"")]))
    assert VERSION == 1
    assert chain.head().head.hex() == "f0ad80736fdf1ee00bff6f36ec7d0e524fe028b7a089456c5c62aa661cbf95bc"


@given(st.integers(0, 40), st.lists(st.integers(1, 30), max_size=12))
def test_heads_do_not_depend_on_the_batches(seed: int, sizes: list[int]) -> None:
    log = entries(seed, 90)
    cuts = [0, *np.cumsum(sizes).tolist(), len(log)]
    chains = {partition: Chain(partition) for partition in range(3)}
    ended: dict[int, list[Head]] = {partition: [] for partition in chains}
    for begin, end in pairwise(cuts):
        parts = [as_records([one]) for one in log[begin:end]]
        if parts:
            batch = Records.concatenated(parts)
            for partition, chain in chains.items():
                ended[partition] += extend(chain, batch)
    for partition, chain in chains.items():
        mine = [one for one in log if one.partition == partition]
        assert chain.head().head == by_the_book(mine)
        assert [head.head for head in ended[partition]] == [
            by_the_book(mine[: (number + 1) * SMALL]) for number in range(len(mine) // SMALL)
        ]


@pytest.mark.parametrize(
    "change",
    [
        {"offset": 1},
        {"timestamp_ms": 9},
        {"key": b"b-3"},
        {"key": None},
        {"value": b"another"},
        {"value": None},
        {"partition": 2},
        {"key": b"b-1v", "value": b"alue"},
    ],
)
def test_anything_that_changes_changes_the_head(change: dict[str, Any]) -> None:
    one = Entry(1, 0, 8, b"b-1", b"value")
    heads = set()
    for entry in (one, one._replace(**change)):
        chain = Chain(entry.partition)
        extend(chain, as_records([entry]))
        heads.add(chain.head().head)
    assert len(heads) == 2


def test_records_that_are_scattered_over_memory_are_hashed_alike() -> None:
    log = [Entry(at % 3, at // 3, at, b"key-%d" % at, b"value-%d" % (at * at)) for at in range(600)]
    batch = Records.concatenated([as_records([one]) for one in log])
    for partition in range(3):
        chain = Chain(partition)
        extend(chain, batch)
        assert chain.head().head == by_the_book([one for one in log if one.partition == partition])


def taken(chains: Chains, batch: Sequence[Entry], warehouse: Warehouse) -> list[int]:
    """The offsets that are to be folded; heads are stored."""
    records = chains.take(as_records(batch))
    if records is None:
        return []
    warehouse.insert("chain_rows", chains.table(records))
    return [int(offset) for offset in records.offset]


def test_a_worker_goes_on_where_another_stopped_and_reads_the_open_segment_again(warehouse: Warehouse) -> None:
    log = [Entry(1, at, 100 + at, b"k", b"value-%d" % at) for at in range(40)]
    first = Chains()
    assert first.assign(warehouse, {1: 0}, {1: 0}) == {1: 0}
    assert taken(first, log[:17], warehouse) == list(range(17))

    second = Chains()
    assert second.assign(warehouse, {1: 17}, {1: 0}) == {1: 14}
    assert taken(second, log[14:16], warehouse) == []
    assert taken(second, log[16:40], warehouse) == list(range(17, 40))
    assert second.read_again == 3
    stored = shown(warehouse, "SELECT segment, next_offset, records, head FROM chain ORDER BY segment")
    ends = [7, 14, 21, 28, 35, 40]
    assert [row["next_offset"] for row in stored] == ends
    assert [row["records"] for row in stored] == [7, 7, 7, 7, 7, 5]
    assert [row["head"] for row in stored] == [by_the_book(log[:end]).hex() for end in ends]


def test_what_is_written_again_or_late_changes_no_head(warehouse: Warehouse) -> None:
    log = [Entry(0, at, at, b"k", b"v") for at in range(20)]
    late, successor = Chains(), Chains()
    late.assign(warehouse, {0: 0}, {0: 0})
    batch = late.take(as_records(log[:9]))
    successor.assign(warehouse, {0: 0}, {0: 0})
    assert taken(successor, log, warehouse) == list(range(20))
    before = shown(warehouse, "SELECT * FROM chain ORDER BY segment")
    assert batch is not None
    warehouse.insert("chain_rows", late.table(batch))
    assert shown(warehouse, "SELECT * FROM chain ORDER BY segment") == before


def test_a_log_that_was_changed_below_the_checkpoint_is_refused(warehouse: Warehouse) -> None:
    log = [Entry(1, at, 100, b"k", b"value-%d" % at) for at in range(12)]
    first = Chains()
    first.assign(warehouse, {1: 0}, {1: 0})
    taken(first, log[:10], warehouse)
    second = Chains()
    second.assign(warehouse, {1: 10}, {1: 0})
    log[8] = log[8]._replace(value=b"value+8")
    with pytest.raises(LogChanged, match=r"^partition 1: what the log holds from offset 7 to 9 is not what"):
        second.take(as_records(log[7:]))


def test_a_journal_that_had_no_chain_yet_gets_it_from_the_logs_start(warehouse: Warehouse) -> None:
    log = [Entry(2, at, at, None, b"v") for at in range(16)]
    chains = Chains()
    assert chains.assign(warehouse, {2: 15}, {2: 0}) == {2: 0}
    assert taken(chains, log[:10], warehouse) == []
    assert taken(chains, log[10:], warehouse) == [15]
    stored = shown(warehouse, "SELECT next_offset, head FROM chain ORDER BY segment")
    assert stored == [{"next_offset": end, "head": by_the_book(log[:end]).hex()} for end in (7, 14, 16)]


def test_a_log_that_lost_its_beginning_is_folded_without_a_chain(warehouse: Warehouse) -> None:
    chains = Chains()
    assert chains.assign(warehouse, {0: 9, 1: 3}, {0: 8, 1: 0}) == {0: 9, 1: 0}
    log = [Entry(0, 9, 1, None, b"v"), Entry(1, 3, 1, None, b"v")]
    assert chains.take(as_records(log[:1])) is not None
    assert chain_table([]).num_rows == chains.table(as_records(log[:1])).num_rows == 0
