"""Rows of Arrow columns are written, and refused, as each event alone."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dompet.schemas.contracts import Contract, events_by_name
from dompet.schemas.encode_arrow import contract_of, encode_batch
from dompet.schemas.errors import InvalidEvent
from dompet.schemas.wire import encode_fields
from tests.schemas import by_fastavro
from tests.schemas.arrow_columns import TOO_FINE, batch

CONTRACTS = st.sampled_from(list(events_by_name().values()))
SURVEY = events_by_name()["SurveySubmitted"]


def _alone(name: str, fields: dict[str, Any]) -> bytes | str:
    """The value of one event, or why it is none."""
    if fields["occurred_at"] is TOO_FINE:
        return f"{name}: occurred_at is finer than a microsecond"
    try:
        return encode_fields(name, {field: 0 if value is TOO_FINE else value for field, value in fields.items()})
    except InvalidEvent as fault:
        return str(fault)


def _assert_each_as_alone(contract: Contract, batch: pa.RecordBatch, rows: list[dict[str, Any]]) -> None:
    encoded = encode_batch(contract, batch)
    assert len(encoded) == len(rows)
    for row, fields in enumerate(rows):
        expected = _alone(contract.name, fields)
        if isinstance(expected, str):
            assert str(encoded.faults[row]) == expected
            assert (encoded.keys.row(row), encoded.values.row(row)) == (b"", b"")
        else:
            assert row not in encoded.faults
            assert encoded.values.row(row) == expected
            assert encoded.keys.row(row) == fields["beneficiary_id"].encode()


SEEDS = st.integers(0, 2**64)


@given(CONTRACTS, SEEDS, st.integers(0, 6))
def test_rows_within_the_limits_are_written_as_fastavro_writes_them(contract: Contract, seed: int, size: int) -> None:
    rows_in_arrow, rows = batch(contract, seed, size, odd=0)
    encoded = encode_batch(contract, rows_in_arrow)
    assert not encoded.faults
    assert [encoded.values.row(row) for row in range(size)] == [
        by_fastavro.written(contract.name, fields) for fields in rows
    ]


@given(CONTRACTS, SEEDS, st.integers(0, 6), st.integers(1, 3))
@settings(max_examples=500)
def test_rows_of_any_columns_are_taken_or_refused_as_each_alone(
    contract: Contract, seed: int, size: int, odd: int
) -> None:
    _assert_each_as_alone(contract, *batch(contract, seed, size, odd))


def _survey(**columns: pa.Array) -> pa.RecordBatch:
    usual = {
        "event_id": pa.array(["e-1", "e-2"]),
        "beneficiary_id": pa.array(["b-1", "b-2"]),
        "occurred_at": pa.array([1_586_592_000_000_000] * 2),
        "publisher_id": pa.array(["programme"] * 2),
        "survey_no": pa.array([1, 2], pa.int8()),
    }
    return pa.RecordBatch.from_pydict(usual | columns)


def test_a_text_whose_bytes_are_not_utf8_is_refused_as_such() -> None:
    broken = pa.array([b"ok", b"\xff"]).view(pa.string())
    assert {row: str(fault) for row, fault in encode_batch(SURVEY, _survey(event_id=broken)).faults.items()} == {
        1: "SurveySubmitted: event_id is not valid UTF-8"
    }


def test_a_null_hides_whatever_bytes_stand_beneath_it() -> None:
    offsets, content = pa.array([0, 3, 6], pa.int32()).buffers()[1], pa.py_buffer(b"e-1e-2")
    hidden = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\x01"), offsets, content])
    encoded = encode_batch(SURVEY, _survey(event_id=hidden))
    assert {row: str(fault) for row, fault in encoded.faults.items()} == {
        1: "SurveySubmitted: event_id is null; a string is required"
    }
    assert encoded.values.row(0) == encode_fields("SurveySubmitted", _survey().to_pylist()[0])


def test_a_field_left_out_is_allowed_only_where_it_may_be_null() -> None:
    names = [field.name for field in events_by_name()["CourseCompleted"].fields]
    assert contract_of("CourseCompleted", names[:-1]).name == "CourseCompleted"
    batch = pa.RecordBatch.from_pydict(dict.fromkeys(names[:-1], pa.array(["1"])))
    batch = batch.set_column(2, "occurred_at", pa.array([1_586_592_000_000_000]))
    assert encode_batch(contract_of("CourseCompleted", names[:-1]), batch).values.row(0).endswith(b"\0")
    with pytest.raises(InvalidEvent, match=r"^CourseCompleted: order_id is missing$"):
        contract_of("CourseCompleted", [name for name in names if name != "order_id"])


def test_columns_that_are_not_the_fields_of_the_type_are_refused() -> None:
    names = [field.name for field in SURVEY.fields]
    with pytest.raises(InvalidEvent, match=r"^SurveySubmitted: it has no field 'colour'$"):
        contract_of("SurveySubmitted", [*names, "colour"])
    with pytest.raises(InvalidEvent, match=r"^SurveySubmitted: 'event_id' is given more than once$"):
        contract_of("SurveySubmitted", [*names, "event_id"])
    with pytest.raises(InvalidEvent, match=r"^'SurveySubmited' is not an event type; did you mean SurveySubmitted"):
        contract_of("SurveySubmited", names)
