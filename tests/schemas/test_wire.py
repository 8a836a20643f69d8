"""One event and its bytes on the log."""

import io
import json
from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import fastavro
import pytest
from dompet.schemas import dead
from dompet.schemas.contracts import events_by_id, events_by_name, read_schema
from dompet.schemas.dead import DeadRecord, KeyMismatch, WrongPartition
from dompet.schemas.errors import InvalidEvent
from dompet.schemas.events import EVENT_CLASSES, AttendanceRecorded, CourseCompleted, Event, SurveySubmitted
from dompet.schemas.partitions import partition_of
from dompet.schemas.wire import decode, encode, encode_fields, examine
from hypothesis import given
from hypothesis import strategies as st

from tests.schemas.corpus import BAD, GOOD, KEY, KEY_PARTITION, PARTITIONS, BadRecord, GoodRecord
from tests.schemas.strategies import typed_fields

SURVEY = SurveySubmitted(
    event_id="e-1",
    beneficiary_id="abc",
    occurred_at=datetime(2020, 4, 11, 8, tzinfo=UTC),
    publisher_id="programme",
    survey_no=1,
)


def _avro_schema(name: str) -> Any:
    contract = events_by_name()[name]
    schema = json.loads(json.dumps(read_schema(f"{name}.v{contract.version}")))
    for field in schema["fields"]:
        if isinstance(field["type"], dict):
            field["type"] = field["type"]["type"]
    return fastavro.parse_schema(schema)


AVRO_SCHEMAS = {name: _avro_schema(name) for name in events_by_name()}


def _by_fastavro(name: str, fields: dict[str, Any]) -> bytes:
    body = io.BytesIO()
    fastavro.schemaless_writer(body, AVRO_SCHEMAS[name], fields)
    return b"\0" + events_by_name()[name].schema_id.to_bytes(4, "big") + body.getvalue()


def _read_by_fastavro(value: bytes) -> tuple[str, dict[str, Any]] | None:
    """What fastavro reads of a value, if that is all of it and writing it again gives the same bytes."""
    contract = events_by_id().get(int.from_bytes(value[1:5], "big"))
    if value[:1] != b"\0" or len(value) < 5 or contract is None:
        return None
    try:
        read = fastavro.schemaless_reader(io.BytesIO(value[5:]), AVRO_SCHEMAS[contract.name])
        assert isinstance(read, dict)
        return (contract.name, read) if _by_fastavro(contract.name, read) == value else None
    except Exception:  # noqa: BLE001  # it raises of every kind
        return None


@given(typed_fields())
def test_an_event_is_written_as_fastavro_writes_it_and_read_back(typed: tuple[str, dict[str, Any]]) -> None:
    name, fields = typed
    value = encode_fields(name, fields)
    assert value == _by_fastavro(name, fields)
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
    expected = _read_by_fastavro(bytes(value))
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
    assert {bad.expected for bad in BAD} == set(DeadRecord.__subclasses__())


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
    value = encode(SURVEY)
    with pytest.raises(KeyMismatch):
        examine(b"abd", value, KEY_PARTITION + 1, PARTITIONS)
    with pytest.raises(WrongPartition, match=f"belongs to partition {KEY_PARTITION}"):
        examine(b"abc", value, KEY_PARTITION + 1, PARTITIONS)


def test_a_time_is_the_same_moment_in_any_zone_to_the_microsecond() -> None:
    moment = datetime(2020, 4, 11, 8, 0, 0, 123456, tzinfo=UTC)
    jakarta = moment.astimezone(timezone(timedelta(hours=7)))
    micros = 1_586_592_000_123_456
    for time in (moment, jakarta, micros):
        assert decode(encode(_survey(occurred_at=time)))[1]["occurred_at"] == micros


def _survey(**instead: Any) -> SurveySubmitted:
    return SurveySubmitted(**{field.name: getattr(SURVEY, field.name) for field in dataclass_fields(SURVEY)} | instead)


@pytest.mark.parametrize(
    ("instead", "why"),
    [
        ({"occurred_at": datetime(2020, 4, 11)}, "SurveySubmitted: occurred_at has no offset from UTC"),
        ({"occurred_at": datetime(1999, 12, 31, tzinfo=UTC)}, "SurveySubmitted: occurred_at is 946598400000000 micro"),
        ({"occurred_at": 1.5}, "SurveySubmitted: occurred_at is a number with a fraction"),
        ({"occurred_at": True}, "SurveySubmitted: occurred_at is a boolean"),
        ({"survey_no": True}, "SurveySubmitted: survey_no is a boolean; a whole number is required"),
        ({"survey_no": 2**63}, "SurveySubmitted: survey_no is a number beyond 64 bits"),
        ({"survey_no": -(2**63) - 1}, "SurveySubmitted: survey_no is a number beyond 64 bits"),
        ({"event_id": None}, "SurveySubmitted: event_id is null; a string is required"),
        ({"event_id": b"e-1"}, "SurveySubmitted: event_id is of type bytes; a string is required"),
        ({"event_id": "\ud800"}, "SurveySubmitted: event_id is not valid UTF-8"),
        ({"event_id": ""}, "SurveySubmitted: event_id has 0 bytes"),
        ({"event_id": "e" * 65}, "SurveySubmitted: event_id has 65 bytes"),
        ({"beneficiary_id": "0" * 16}, "SurveySubmitted: beneficiary_id has 16 digits"),
    ],
)
def test_an_event_that_breaks_its_contract_is_refused_by_type_and_field(instead: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        encode(_survey(**instead))
    assert str(refusal.value).startswith(why)


def test_a_field_missing_or_unknown_in_a_mapping_is_refused() -> None:
    fields = decode(encode(SURVEY))[1]
    with pytest.raises(InvalidEvent, match="SurveySubmitted: survey_no is missing"):
        encode_fields("SurveySubmitted", {name: fields[name] for name in fields if name != "survey_no"})
    with pytest.raises(InvalidEvent, match="SurveySubmitted: it has no field 'note'"):
        encode_fields("SurveySubmitted", {**fields, "note": ""})
    with pytest.raises(InvalidEvent, match="did you mean SurveySubmitted"):
        encode_fields("SurveySubmited", fields)


def test_a_score_left_out_is_null() -> None:
    fields = {"platform_id": "p", "order_id": "o", "certificate_id": "c"}
    shared = {name: value for name, value in decode(encode(SURVEY))[1].items() if name != "survey_no"}
    value = encode_fields("CourseCompleted", {**shared, **fields})
    assert value == encode(CourseCompleted(**shared, **fields))  # type: ignore[arg-type]
    assert decode(value)[1]["score"] is None


def test_a_boolean_must_be_one() -> None:
    shared = {name: value for name, value in decode(encode(SURVEY))[1].items() if name != "survey_no"}
    with pytest.raises(InvalidEvent, match="AttendanceRecorded: present is a whole number; a boolean is required"):
        encode(AttendanceRecorded(**shared, platform_id="p", order_id="o", session=1, present=1))  # type: ignore[arg-type]


def test_what_is_no_event_type_is_refused() -> None:
    class Unheard(Event):
        pass

    shared = {name: value for name, value in decode(encode(SURVEY))[1].items() if name != "survey_no"}
    with pytest.raises(InvalidEvent, match="'Unheard' is not an event type"):
        encode(Unheard(**shared))  # type: ignore[arg-type]
