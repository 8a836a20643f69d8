"""What is not published: an event that breaks its contract, refused by type and field."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dompet.schemas.errors import InvalidEvent
from dompet.schemas.events import AttendanceRecorded, CourseCompleted, Event
from dompet.schemas.wire import decode, encode, encode_fields
from tests.schemas.surveys import survey


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
        encode(survey(**instead))
    assert str(refusal.value).startswith(why)


def test_a_field_missing_or_unknown_in_a_mapping_is_refused() -> None:
    fields = decode(encode(survey()))[1]
    with pytest.raises(InvalidEvent, match="SurveySubmitted: survey_no is missing"):
        encode_fields("SurveySubmitted", {name: fields[name] for name in fields if name != "survey_no"})
    with pytest.raises(InvalidEvent, match="SurveySubmitted: it has no field 'note'"):
        encode_fields("SurveySubmitted", {**fields, "note": ""})
    with pytest.raises(InvalidEvent, match="did you mean SurveySubmitted"):
        encode_fields("SurveySubmited", fields)


def test_a_score_left_out_is_null() -> None:
    fields = {"platform_id": "p", "order_id": "o", "certificate_id": "c"}
    shared = {name: value for name, value in decode(encode(survey()))[1].items() if name != "survey_no"}
    value = encode_fields("CourseCompleted", {**shared, **fields})
    assert value == encode(CourseCompleted(**shared, **fields))  # type: ignore[arg-type]
    assert decode(value)[1]["score"] is None


def test_a_boolean_must_be_one() -> None:
    shared = {name: value for name, value in decode(encode(survey()))[1].items() if name != "survey_no"}
    with pytest.raises(InvalidEvent, match="AttendanceRecorded: present is a whole number; a boolean is required"):
        encode(AttendanceRecorded(**shared, platform_id="p", order_id="o", session=1, present=1))  # type: ignore[arg-type]


def test_what_is_no_event_type_is_refused() -> None:
    class Unheard(Event):
        pass

    shared = {name: value for name, value in decode(encode(survey()))[1].items() if name != "survey_no"}
    with pytest.raises(InvalidEvent, match="'Unheard' is not an event type"):
        encode(Unheard(**shared))  # type: ignore[arg-type]
