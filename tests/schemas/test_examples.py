"""The examples that ship with the contracts: each valid one is an event, each invalid one is refused for its reason."""

import json
from typing import Any

import pytest

from dompet.schemas.contracts import events_by_name
from dompet.schemas.errors import InvalidEvent
from dompet.schemas.json_lines import read_event, write_event
from dompet.schemas.wire import decode, encode
from tests.schemas.examples import EXAMPLES, INVALID, VALID, lines_of
from tests.support.events_page import PAGE, page


@pytest.mark.parametrize("kind", ["valid", "invalid"])
def test_every_event_type_has_examples_and_nothing_else_has(kind: str) -> None:
    assert {file.name for file in (EXAMPLES / kind).iterdir()} == {f"{name}.jsonl" for name in events_by_name()}
    assert {place.partition(":")[0] for place, _ in lines_of(kind)} == set(events_by_name())


@pytest.mark.parametrize(("place", "line"), VALID, ids=[place for place, _ in VALID])
def test_a_valid_example_is_an_event_and_stays_the_same_on_the_log_and_in_json(place: str, line: str) -> None:
    event = read_event(line)
    assert type(event).__name__ == place.partition(":")[0]
    value = encode(event)
    assert encode(read_event(write_event(event))) == value
    name, fields = decode(value)
    given: dict[str, Any] = json.loads(line)
    assert given.pop("type") == name
    given.pop("occurred_at")
    assert {field: fields[field] for field in given} == given


@pytest.mark.parametrize(("place", "line"), INVALID, ids=[place for place, _ in INVALID])
def test_an_invalid_example_is_refused_for_the_reason_it_names(place: str, line: str) -> None:
    example = json.loads(line)
    assert example.keys() in ({"why", "event"}, {"why", "line"})
    text = example["line"] if "line" in example else json.dumps(example["event"])
    with pytest.raises(InvalidEvent) as refusal:
        read_event(text)
    assert example["why"] in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_valid_examples_stand_at_the_edges_of_the_limits() -> None:
    decoded = [decode(encode(read_event(line)))[1] for _, line in VALID]
    sizes = {len(value.encode()) for fields in decoded for value in fields.values() if isinstance(value, str)}
    assert {0, 1, 64, 512} <= sizes
    times = {fields["occurred_at"] for fields in decoded}
    assert {946_684_800_000_000, 4_102_444_799_999_999} <= times
    assert {None, 0, -1, 2**63 - 1} <= {fields["score"] for fields in decoded if "score" in fields}


def test_the_page_of_events_is_what_the_contracts_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "`python -m tests.support.events_page` writes it"
