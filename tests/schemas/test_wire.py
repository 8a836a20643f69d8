"""One event and its bytes on the log."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dompet.schemas import dead
from dompet.schemas.contracts import events_by_id
from dompet.schemas.dead import DeadRecord, KeyMismatch, Unreadable, WrongPartition
from dompet.schemas.events import EVENT_CLASSES
from dompet.schemas.murmur2 import partition_of
from dompet.schemas.wire import decode, encode, encode_fields, examine
from tests.schemas import by_fastavro
from tests.schemas.corpus import BAD, GOOD, KEY, KEY_PARTITION, PARTITIONS, BadRecord, GoodRecord
from tests.schemas.strategies import typed_fields
from tests.schemas.surveys import survey


@given(typed_fields())
def test_an_event_is_written_as_fastavro_writes_it_and_read_back(typed: tuple[str, dict[str, Any]]) -> None:
    name, fields = typed
    value = encode_fields(name, fields)
    assert value == by_fastavro.written(name, fields)
    assert decode(value) == typed
    assert encode(EVENT_CLASSES[name](**fields)) == value


@given(typed_fields(), st.data())
def test_bytes_are_read_exactly_when_fastavro_reads_them_and_writes_them_again(
    typed: tuple[str, dict[str, Any]], data: st.DataObject
) -> None:
    value = bytearray(encode_fields(*typed))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(value)))
        cut = data.draw(st.integers(0, 3))
        value[at : at + cut] = data.draw(
            st.binary(max_size=4) | st.sampled_from([b"\x80\0", b"\xff", b"\x01", b"\x02"])
        )
    expected = by_fastavro.read(bytes(value))
    try:
        found = decode(bytes(value))
    except (dead.OutsideLimits, dead.TimeOutsideLimits, dead.NationalId):
        assert expected is not None
    except DeadRecord:
        assert expected is None
    else:
        assert found == expected


@given(st.sampled_from(sorted(events_by_id())), st.binary(max_size=80))
def test_any_bytes_are_an_event_or_dead_and_nothing_else_happens(schema_id: int, body: bytes) -> None:
    value = b"\0" + schema_id.to_bytes(4, "big") + body
    try:
        name, fields = decode(value)
    except DeadRecord as fault:
        assert len(fault.args) == 1
    else:
        assert encode_fields(name, fields) == value


@pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
def test_a_bad_record_is_dead_for_its_first_fault(bad: BadRecord) -> None:
    partition = partition_of(bad.key or b"", PARTITIONS) if bad.partition is None else bad.partition
    with pytest.raises(DeadRecord) as fault:
        examine(bad.key, bad.value, partition, PARTITIONS)
    assert type(fault.value) is bad.expected


@pytest.mark.parametrize("good", GOOD, ids=[good.name for good in GOOD])
def test_a_record_at_the_edge_of_the_limits_is_valid(good: GoodRecord) -> None:
    name, fields = examine(good.key, good.value, partition_of(good.key, PARTITIONS), PARTITIONS)
    assert encode_fields(name, fields) == good.value


def test_every_kind_of_fault_is_in_the_corpus() -> None:
    of_bytes = set(DeadRecord.__subclasses__()) - {Unreadable}  # of which there are no bytes to judge
    assert {bad.expected for bad in BAD} == of_bytes


def test_why_a_record_is_dead_never_shows_an_id_of_it() -> None:
    hidden = "s3cr3t"
    for bad in BAD:
        value = bad.value and bad.value.replace(KEY, hidden[:3].encode()).replace(b"INV", hidden[3:].encode())
        with pytest.raises(DeadRecord) as fault:
            examine(bad.key, value, KEY_PARTITION, PARTITIONS)
        assert hidden[:3] not in str(fault.value)
        assert hidden[3:] not in str(fault.value)
        assert "3171234567890123" not in str(fault.value)


def test_a_record_under_another_key_is_dead_before_its_partition_is_asked_for() -> None:
    value = encode(survey())
    with pytest.raises(KeyMismatch):
        examine(b"abd", value, KEY_PARTITION + 1, PARTITIONS)
    with pytest.raises(WrongPartition, match=f"belongs to partition {KEY_PARTITION}"):
        examine(b"abc", value, KEY_PARTITION + 1, PARTITIONS)


def test_a_time_is_the_same_moment_in_any_zone_to_the_microsecond() -> None:
    moment = datetime(2020, 4, 11, 8, 0, 0, 123456, tzinfo=UTC)
    jakarta = moment.astimezone(timezone(timedelta(hours=7)))
    micros = 1_586_592_000_123_456
    for time in (moment, jakarta, micros):
        assert decode(encode(survey(occurred_at=time)))[1]["occurred_at"] == micros
