"""A batch read as columns is each record read alone, for any bytes and any neighbours."""

import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dompet.schemas.contracts import Contract, Kind, type_codes
from dompet.schemas.dead import DeadRecord, KeyMismatch, TimeOutsideLimits
from dompet.schemas.decode import Decoded, decode
from dompet.schemas.limits import TIME_US_END, TIME_US_MIN
from dompet.schemas.wire import examine
from tests.schemas.corpus import (
    BAD,
    COMPLETED,
    CREDITED,
    GOOD,
    KEY,
    PARTITIONS,
    SURVEYED,
    BadRecord,
    GoodRecord,
    record,
)
from tests.schemas.log_records import CONTRACTS, LogRecord, any_record, batch, rightly_placed, valid

DEFAULTS: dict[Kind, object] = {Kind.STRING: b"", Kind.BOOLEAN: 0, Kind.NULLABLE_LONG: None}
KINDS = {field.name: field.kind for contract in CONTRACTS for field in contract.fields}
GOODS = [rightly_placed(one.key, one.value) for one in GOOD]
NEIGHBOURS = [
    GOODS[0],
    rightly_placed(b"x" * 64, record(SURVEYED, beneficiary_id=b"\x80\x01" + b"x" * 64)),
    rightly_placed("😀".encode(), record(COMPLETED, beneficiary_id=b"\x08" + "😀".encode())),
    rightly_placed(b"abc", record(CREDITED, decree=b"\x80\x08" + b"d" * 512)),
]


def alone(one: LogRecord) -> tuple[str, dict[str, object]] | type[DeadRecord]:
    """The verdict of the reader that looks at one record only."""
    try:
        return examine(one.key, one.value, one.partition, PARTITIONS)
    except DeadRecord as fault:
        return type(fault)


def in_column(decoded: Decoded, name: str, row: int) -> object:
    """What a column says of a row, the same in every form of it."""
    if KINDS[name] is Kind.STRING:
        if name not in decoded.strings:
            return b""
        raw = decoded.strings[name].row(row)
        codes, values = decoded.category(name)
        assert raw == decoded.arrow[name][row].as_buffer().to_pybytes() == values.row(int(codes[row]))
        assert raw == decoded.packed(name).words[:, row].astype("<u8").tobytes().rstrip(b"\0")
        return raw
    value = int(decoded.longs[name][row]) if name in decoded.longs else 0
    if KINDS[name] is Kind.NULLABLE_LONG:
        present = name in decoded.present and bool(decoded.present[name][row])
        assert present or value == 0
        return value if present else None
    return value


def assert_each_as_alone(records: Sequence[LogRecord]) -> Decoded:
    decoded = decode(batch(records))
    assert len(decoded.type_code) == len(records)
    for row, one in enumerate(records):
        expected = alone(one)
        if isinstance(expected, type):
            assert type(decoded.dead.get(row)) is expected
        type_name, fields = ("", {}) if isinstance(expected, type) else expected
        assert (row in decoded.dead) == (not type_name)
        assert decoded.type_code[row] == (type_codes()[type_name] if type_name else 0)
        for name, kind in KINDS.items():
            value = fields.get(name, DEFAULTS.get(kind, 0))
            assert in_column(decoded, name, row) == (value.encode() if isinstance(value, str) else value)
    return decoded


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_record_is_dead_alone_and_between_good_ones(bad: BadRecord) -> None:
    one = rightly_placed(bad.key, bad.value)
    if bad.partition is not None:
        one = one._replace(partition=bad.partition)
    assert type(assert_each_as_alone([one]).dead[0]) is bad.expected
    same_type = [good for good in GOODS if (good.value or b"")[:5] == (bad.value or b"")[:5]]
    for neighbours in (NEIGHBOURS, same_type[:2]):
        decoded = assert_each_as_alone([*neighbours, one, *neighbours, one])
        assert {row: type(fault) for row, fault in decoded.dead.items()} == {
            len(neighbours): bad.expected,
            2 * len(neighbours) + 1: bad.expected,
        }


@pytest.mark.parametrize("good", GOOD, ids=lambda good: good.name)
def test_a_record_at_the_edge_of_what_is_allowed_is_read(good: GoodRecord) -> None:
    assert not assert_each_as_alone([rightly_placed(good.key, good.value)]).dead


def test_the_whole_corpus_in_one_batch_is_each_record_alone() -> None:
    bad = [rightly_placed(one.key, one.value) for one in BAD if one.partition is None]
    decoded = assert_each_as_alone([one for pair in zip(bad, GOODS * 9, strict=False) for one in pair])
    assert len(decoded.dead) == len(bad)


SEEDS = st.lists(st.integers(0, 2**32 - 1), max_size=12)


@given(SEEDS)
@settings(max_examples=250)
def test_a_batch_of_any_records_is_each_record_alone(seeds: list[int]) -> None:
    assert_each_as_alone([any_record(seed) for seed in seeds])


BODIES = st.tuples(st.sampled_from(CONTRACTS).map(lambda contract: contract.schema_id), st.binary(max_size=80))


@given(st.lists(BODIES, max_size=6))
@settings(max_examples=150)
def test_any_bytes_behind_a_known_schema_id_are_judged_as_alone(bodies: list[tuple[int, bytes]]) -> None:
    values = [b"\0" + schema_id.to_bytes(4, "big") + body for schema_id, body in bodies]
    assert_each_as_alone([rightly_placed(b"abc", value) for value in values])


@given(st.lists(st.tuples(st.none() | st.binary(max_size=9), st.none() | st.binary(max_size=9)), max_size=6))
@settings(max_examples=50)
def test_any_bytes_at_all_are_judged_as_alone(records: list[tuple[bytes | None, bytes | None]]) -> None:
    assert_each_as_alone([rightly_placed(key, value) for key, value in records])


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_valid_records_of_all_types_are_read_whatever_their_values(seed: int) -> None:
    rng = Random(seed)
    assert not assert_each_as_alone([valid(rng) for _ in range(30)]).dead


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_a_batch_of_one_type_has_the_columns_of_that_type_alone(contract: Contract) -> None:
    rng = Random(contract.schema_id)
    decoded = assert_each_as_alone([valid(rng, contract) for _ in range(20)])
    assert {*decoded.strings, *decoded.longs} == {field.name for field in contract.fields}


def test_a_key_that_only_a_nul_sets_apart_from_the_id_is_another_key() -> None:
    right = rightly_placed(KEY, record(SURVEYED))
    decoded = assert_each_as_alone([right, right._replace(key=KEY + b"\0"), right])
    assert {row: type(fault) for row, fault in decoded.dead.items()} == {1: KeyMismatch}


def test_one_long_key_does_not_make_every_row_as_long() -> None:
    records = [rightly_placed(b"k" * 1_000_000, GOODS[0].value), *GOODS[:1] * 1_000]
    tracemalloc.start()
    try:
        decoded = decode(batch(records))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert list(decoded.dead) == [0]
    assert peak < 100_000_000


def test_an_empty_batch_has_no_rows() -> None:
    decoded = assert_each_as_alone([])
    assert (len(decoded.type_code), decoded.dead) == (0, {})


def test_a_batch_may_be_dead_throughout() -> None:
    decoded = assert_each_as_alone([rightly_placed(one.key, one.value) for one in BAD if one.partition is None])
    assert len(decoded.dead) == len(decoded.type_code)
    assert not decoded.type_code.any()


@pytest.mark.parametrize(
    ("timestamp_us", "stored_us"),
    [
        (TIME_US_MIN - 1, 0),
        (TIME_US_MIN, TIME_US_MIN),
        (TIME_US_END - 1, TIME_US_END - 1),
        (TIME_US_END, 0),
        (-1_000, 0),
        (1_785_000_000_000_000_000, 0),
        (-(2**63), 0),
        (2**63 - 1, 0),
    ],
)
def test_a_record_whose_own_time_is_outside_the_limits_is_dead_and_has_no_time(
    timestamp_us: int, stored_us: int
) -> None:
    records = replace(batch([valid(Random(1))]), timestamp_us=np.array([timestamp_us], dtype=np.int64))
    dead = decode(records).dead
    assert records.recorded_at_us.tolist() == [stored_us]
    assert bool(dead) == (stored_us == 0)
    if dead:
        assert type(dead[0]) is TimeOutsideLimits
        assert str(dead[0]).startswith(f"the record's own timestamp is {timestamp_us} microseconds; it must lie from ")
