"""Events as mappings are written, and refused, many at once as one by one."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dompet.schemas.encode_rows import TypedFields, encode_rows
from dompet.schemas.errors import InvalidEvent
from dompet.schemas.wire import decode, encode_fields
from tests.schemas.log_records import valid
from tests.schemas.surveys import survey_fields

ODD: tuple[Any, ...] = (None, True, 1, -1, 2**63, 1.5, "", "a\n", "é", "\ud800", "x" * 600, [], b"a")


def _event(rng: Random) -> TypedFields:
    """An event: a valid one, or one with something odd about it."""
    type_name, fields = decode(valid(rng).value or b"")
    for _ in range(rng.choice((0, 0, 0, 0, 1, 2))):
        name = rng.choice(sorted(fields))
        if (chosen := rng.random()) < 0.8:
            fields[name] = rng.choice(ODD)
        elif chosen < 0.9:
            del fields[name]
        else:
            fields["colour"] = "red"
    return rng.choice((type_name, type_name, type_name, type_name, "SaldoRevoked", "SaldoSent")), fields


@given(st.integers(0, 2**64), st.integers(0, 12))
@settings(max_examples=300)
def test_events_are_taken_or_refused_as_each_alone(seed: int, size: int) -> None:
    rng = Random(seed)
    events = [_event(rng) for _ in range(size)]
    encoded = encode_rows(events)
    assert len(encoded) == size
    for row, (type_name, fields) in enumerate(events):
        try:
            expected = encode_fields(type_name, fields)
        except InvalidEvent as fault:
            assert str(encoded.faults[row]) == str(fault)
            continue
        assert row not in encoded.faults
        assert encoded.values.row(row) == expected
        assert encoded.keys.row(row) == fields["beneficiary_id"].encode()


@pytest.mark.parametrize("number", [True, 1.0, "1", None, 2**63])
def test_a_number_that_python_would_take_for_another_is_refused(number: object) -> None:
    at = 1_586_592_000_000_000
    events = [("SurveySubmitted", survey_fields(occurred_at=at, survey_no=value)) for value in (1, number)]
    encoded = encode_rows(events)
    assert list(encoded.faults) == [1]
    assert str(encoded.faults[1]).startswith("SurveySubmitted: survey_no is ")
