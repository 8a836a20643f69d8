"""The typed events are the contracts' own fields, in their order."""

from dataclasses import MISSING, fields
from datetime import datetime
from typing import get_type_hints

import pytest

from dompet.schemas import events
from dompet.schemas.contracts import Kind, events_by_id, events_by_name
from dompet.schemas.events import EVENT_CLASSES, Event

PYTHON_TYPES = {
    Kind.STRING: str,
    Kind.LONG: int,
    Kind.TIME: datetime | int,
    Kind.NULLABLE_LONG: int | None,
    Kind.BOOLEAN: bool,
}


def test_every_event_contract_has_a_class_and_every_class_a_contract() -> None:
    assert list(EVENT_CLASSES) == list(events_by_name())
    declared = [thing for thing in vars(events).values() if isinstance(thing, type) and issubclass(thing, Event)]
    assert set(EVENT_CLASSES.values()) == set(declared) - {Event}


@pytest.mark.parametrize("name", EVENT_CLASSES)
def test_a_class_has_the_fields_of_its_contract(name: str) -> None:
    hints = get_type_hints(EVENT_CLASSES[name])
    found = [(field.name, hints[field.name]) for field in fields(EVENT_CLASSES[name])]
    assert found == [(field.name, PYTHON_TYPES[field.kind]) for field in events_by_name()[name].fields]


@pytest.mark.parametrize("name", EVENT_CLASSES)
def test_only_a_nullable_field_may_be_left_out(name: str) -> None:
    optional = {field.name for field in fields(EVENT_CLASSES[name]) if field.default is not MISSING}
    assert optional == {field.name for field in events_by_name()[name].fields if field.kind is Kind.NULLABLE_LONG}


def test_every_contract_and_every_field_says_what_it_means() -> None:
    for contract in events_by_id().values():
        assert contract.schema["namespace"] == "dompet.v1"
        assert contract.schema["doc"]
        assert all(field.doc for field in contract.fields), contract.name
