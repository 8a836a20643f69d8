"""Events as lines of JSON."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dompet.schemas.errors import InvalidEvent
from dompet.schemas.events import EVENT_CLASSES, CourseCompleted, SurveySubmitted
from dompet.schemas.json_lines import read_event, write_event
from dompet.schemas.wire import encode
from tests.schemas.strategies import typed_fields

SURVEY: dict[str, Any] = {
    "type": "SurveySubmitted",
    "event_id": "e-1",
    "beneficiary_id": "abc",
    "occurred_at": "2020-04-11T08:00:00Z",
    "publisher_id": "programme",
    "survey_no": 1,
}


@given(typed_fields(), st.booleans(), st.integers(-23 * 60, 23 * 60))
def test_an_event_is_the_same_after_writing_and_reading(
    typed: tuple[str, dict[str, Any]], as_datetime: bool, offset_minutes: int
) -> None:
    name, fields = typed
    event = EVENT_CLASSES[name](**fields)
    if as_datetime:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=fields["occurred_at"])
        fields["occurred_at"] = moment.astimezone(timezone(timedelta(minutes=offset_minutes)))
    line = write_event(EVENT_CLASSES[name](**fields))
    assert "\n" not in line
    assert encode(read_event(line)) == encode(event)
    assert encode(read_event(line.encode())) == encode(event)
    assert write_event(read_event(line)) == line


@given(st.text() | st.binary())
def test_any_line_is_an_event_or_refused_in_one_sentence(line: str | bytes) -> None:
    with pytest.raises(InvalidEvent):
        read_event(line)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.sampled_from(sorted(SURVEY)), JSON)
def test_any_value_in_place_of_a_field_is_taken_or_refused(field: str, value: object) -> None:
    try:
        event = read_event(json.dumps({**SURVEY, field: value}))
    except InvalidEvent:
        return
    assert isinstance(event, SurveySubmitted)
    assert type(getattr(event, field)) is type(value) or field == "occurred_at"


def test_a_line_is_written_in_the_contracts_order_with_its_time_in_utc() -> None:
    jakarta = timezone(timedelta(hours=7))
    event = CourseCompleted(
        event_id="e-1",
        beneficiary_id="Siti-é",
        occurred_at=datetime(2020, 4, 15, 16, 45, 0, 5, tzinfo=jakarta),
        publisher_id="tokopedia",
        platform_id="tokopedia",
        order_id="INV-1",
        certificate_id="cert-1",
    )
    assert write_event(event) == (
        '{"type": "CourseCompleted", "event_id": "e-1", "beneficiary_id": "Siti-é", '
        '"occurred_at": "2020-04-15T09:45:00.000005Z", "publisher_id": "tokopedia", "platform_id": "tokopedia", '
        '"order_id": "INV-1", "certificate_id": "cert-1", "score": null}'
    )


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2020-04-11T08:00:00Z", 1_586_592_000_000_000),
        ("2020-04-11T15:00:00+07:00", 1_586_592_000_000_000),
        ("2020-04-11T15:00+07", 1_586_592_000_000_000),
        ("2020-04-11T15:00:00+0700", 1_586_592_000_000_000),
        ("20200411T080000Z", 1_586_592_000_000_000),
        ("2020-04-11 08:00:00+00:00", 1_586_592_000_000_000),
        ("2020-04-11T08:00:00.1Z", 1_586_592_000_100_000),
        ("2020-04-11T08:00:00.123456Z", 1_586_592_000_123_456),
        ("2020-04-11T08:00:00,123456Z", 1_586_592_000_123_456),
        ("2000-01-01T00:00:00Z", 946_684_800_000_000),
        ("2100-01-01T06:59:59.999999+07:00", 4_102_444_799_999_999),
        (1_586_592_000_123_456, 1_586_592_000_123_456),
    ],
)
def test_a_time_with_an_offset_is_read_to_the_microsecond(text: str | int, micros: int) -> None:
    assert encode(read_event(json.dumps({**SURVEY, "occurred_at": text}))) == encode(
        read_event(json.dumps({**SURVEY, "occurred_at": micros}))
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2020-04-11T08:00:00", "occurred_at has no offset from UTC, such as Z or +07:00"),
        ("2020-04-11", "occurred_at is not an ISO 8601 date and time"),
        ("2020-04-11x08:00:00Z", "occurred_at is not an ISO 8601 date and time"),
        ("2020-02-30T08:00:00Z", "occurred_at is not an ISO 8601 date and time"),
        ("2020-04-11T08:00:60Z", "occurred_at is not an ISO 8601 date and time"),
        ("2020-04-11T08:00:00 WIB", "occurred_at is not an ISO 8601 date and time"),
        ("2020-04-11T08:30.5Z", "occurred_at is not an ISO 8601 date and time"),
        ("2020-04-11T08.5Z", "occurred_at is not an ISO 8601 date and time"),
        ("2020-04-11T08:00:00.Z", "occurred_at is not an ISO 8601 date and time"),
        ("2020-04-11T08:00:00+07:00:30", "occurred_at is not an ISO 8601 date and time"),
        ("1586592000000000", "occurred_at is not an ISO 8601 date and time"),
        ("", "occurred_at is not an ISO 8601 date and time"),
        ("\ud800", "occurred_at is not an ISO 8601 date and time"),
        ("2020-04-11T08:00:00.0000001Z", "occurred_at is finer than a microsecond"),
        ("1999-12-31T23:59:59.999999Z", "occurred_at is 946684799999999 microseconds"),
        ("2100-01-01T00:00:00Z", "occurred_at is 4102444800000000 microseconds"),
        ("0001-01-01T00:00:00+23:59", "occurred_at is -62135683140000000 microseconds"),
    ],
)
def test_another_time_is_refused(text: str, why: str) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        read_event(json.dumps({**SURVEY, "occurred_at": text}))
    assert str(refusal.value).startswith(f"SurveySubmitted: {why}")


@pytest.mark.parametrize(
    "number",
    ["1.0", "1e0", "-0.0", "1E400", '"1"', "true", "null", "[1]", "9223372036854775808", "-9223372036854775809"],
)
def test_only_a_whole_number_within_64_bits_is_one(number: str) -> None:
    with pytest.raises(InvalidEvent, match=r"^SurveySubmitted: survey_no is .*"):
        read_event(json.dumps(SURVEY).replace('"survey_no": 1', f'"survey_no": {number}'))


@pytest.mark.parametrize("number", [0, -0, 2**53 + 1, 2**63 - 1, -(2**63)])
def test_whole_numbers_are_read_exactly(number: int) -> None:
    event = read_event(json.dumps({**SURVEY, "survey_no": number}))
    assert isinstance(event, SurveySubmitted)
    assert event.survey_no == number


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "the line is not JSON: Expecting value at column 1"),
        (b"\xef\xbb\xbf{}", "the line is not JSON: Unexpected UTF-8 BOM"),
        (b'{"type": "\xff"}', "the line is not valid UTF-8 at byte 11"),
        ('{"type": "SurveySubmitted"', "the line is not JSON: "),
        ("{'type': 'SurveySubmitted'}", "the line is not JSON: "),
        ("7", "the line is not a JSON object"),
        ("{}", "type is missing"),
        ('{"type": null}', "type is not a string"),
        ('{"type": ["SurveySubmitted"]}', "type is not a string"),
        ('{"type": "SurveySent"}', "'SurveySent' is not an event type"),
        ('{"type": "CoursePurchsed"}', "'CoursePurchsed' is not an event type; did you mean CoursePurchased?"),
        ('{"type": "SaldoCredited", "a": -Infinity}', "the line is not JSON: it holds -Infinity"),
        ('{"a": 1, "b": 2, "b": 2}', "'b' is given more than once"),
        ('{"type": "SaldoCredited", "a": {"x": 1, "x": 1}}', "'x' is given more than once"),
        ("[" * 50_000, "the line is nested too deeply"),
        ('{"a": ' + "9" * 5_000 + "}", "the line holds a number of thousands of digits"),
    ],
)
def test_what_is_no_event_at_all_is_refused(line: str | bytes, why: str) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        read_event(line)
    assert str(refusal.value).startswith(why)


def test_an_event_that_breaks_its_contract_is_not_written() -> None:
    fields = {**SURVEY, "occurred_at": datetime(2020, 4, 11), "event_id": "e-1"}
    del fields["type"]
    with pytest.raises(InvalidEvent, match="occurred_at has no offset from UTC"):
        write_event(SurveySubmitted(**fields))
