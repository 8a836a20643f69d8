"""From a row to its events: each rule of a mapping, made ready once."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from dompet.schemas.contracts import Field, Kind
from dompet.schemas.errors import InvalidEvent
from dompet.schemas.events import EVENT_CLASSES
from dompet.schemas.fields import field_writer
from dompet.schemas.json_lines import write_event
from dompet.schemas.limits import FREE_TEXT
from dompet.schemas.wire import encode_fields
from dompet.streams.importer.making import BlankEnds, Maker, Making
from dompet.streams.importer.mapping import OWN_ID, EventRule, MappingFile
from dompet.streams.importer.rows import Values
from dompet.streams.importer.texts import Empty, Unmapped, shown, text_of, whole
from dompet.streams.importer.values import Made, Value
from dompet.streams.parsing.blanks import stripped
from dompet.streams.parsing.conditions import Condition

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KEY_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class RowEvent:
    """An event from a row: the number of its rule, its time, and itself as a line of JSON.

    Of those of a rule with the same `once`, only the earliest counts; None is no such limit.
    """

    rule: int
    at_us: int
    once: bytes | None
    line: str


Ready = Callable[[Values], RowEvent | None]
"""Gives a row's event, None where the rule's conditions leave the row out. Raises Unmapped."""


def ready_rules(file: MappingFile, making: Making, source: str) -> list[Ready]:
    """The rules for the rows of an input. Raises MappingError for a constant that its field cannot hold."""
    return [
        _ready(file, making, number, rule) for number, rule in enumerate(file.mapping.events) if rule.source == source
    ]


def key_of(values: Iterable[str]) -> bytes:
    """A short key for some texts: equal where all of them are."""
    digest = hashlib.blake2b(digest_size=_KEY_BYTES)
    for value in values:
        data = value.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()


def _ready(file: MappingFile, making: Making, number: int, rule: EventRule) -> Ready:
    name = file.mapping.name
    conditions = [_condition(making, condition) for condition in rule.when]
    once = making.named(rule.once_per) if rule.once_per else None
    fields = _fields(file, making, number, rule)

    def make(row: Values) -> RowEvent | None:
        try:
            if not all(condition(row) for condition in conditions):
                return None
            given = {field: fitted(row) for field, fitted in fields.items()}
            key = key_of([text_of(once(row))]) if once else None
        except Unmapped as why:
            raise Unmapped(f"{rule.type}: {why}") from None
        try:
            return _event(name, rule.type, number, given, key)
        except InvalidEvent as why:
            raise Unmapped(str(why)) from None

    return make


def _event(name: str, kind: str, number: int, given: dict[str, Any], once: bytes | None) -> RowEvent:
    if OWN_ID not in given:
        # The rest of the event, as its canonical bytes, is what its id is made from: said again, it has the same.
        content = encode_fields(kind, {OWN_ID: "-", **given})
        given[OWN_ID] = f"{name}-{hashlib.blake2b(content, digest_size=_KEY_BYTES).hexdigest()}"
    line = write_event(EVENT_CLASSES[kind](**given))
    at_us = (given["occurred_at"] - _EPOCH) // timedelta(microseconds=1)
    return RowEvent(number, at_us, once, line)


def _fields(file: MappingFile, making: Making, number: int, rule: EventRule) -> dict[str, Maker]:
    """How each field of a rule's events is made."""
    contract = {field.name: field for field in rule.contract.fields}
    fields: dict[str, Maker] = {}
    for name, value in file.mapping.fields_of(rule).items():
        fields[name] = _fitted(making, contract[name], value)
        if not isinstance(value, Made):
            try:
                field_writer(contract[name])(fields[name]({}))
            except (Unmapped, InvalidEvent) as why:
                where = ("events", number, "fields", name) if name in rule.fields else ("fields", name)
                raise file.wrong(f"{rule.type}: {why}", *where) from None
    return fields


def _fitted(making: Making, field: Field, value: Value) -> Maker:
    """How a field is made, as its contract has it."""
    source, fit = making.maker(value), _FITS[field.kind]
    is_id = field.kind is Kind.STRING and field.name not in FREE_TEXT

    def make(row: Values) -> object:
        try:
            made = fit(field.name, source(row), making.zone)
            if is_id and made != stripped(made):
                making.blank_ends.setdefault(field.name, BlankEnds(made)).many += 1
            return made
        except Empty as why:
            if field.kind is Kind.NULLABLE_LONG:
                return None
            raise Empty(f"{field.name}: {why}") from None

    return make


def _fit_text(name: str, value: object, zone: tzinfo) -> object:
    return text_of(value)


def _fit_whole(name: str, value: object, zone: tzinfo) -> object:
    return whole(name, value)


def _fit_bool(name: str, value: object, zone: tzinfo) -> object:
    if value not in (True, False, "true", "false"):
        raise Unmapped(f"{name} is {shown(value)}, neither true nor false")
    return value in (True, "true")


def _fit_time(name: str, value: object, zone: tzinfo) -> object:
    if not isinstance(value, datetime):
        raise Unmapped(f"{name} is {shown(value)}, which needs `day` or `time` to become a date with a time")
    return value if value.tzinfo else value.replace(tzinfo=zone)


_FITS: Final[dict[Kind, Callable[[str, object, tzinfo], Any]]] = {
    Kind.STRING: _fit_text,
    Kind.LONG: _fit_whole,
    Kind.NULLABLE_LONG: _fit_whole,
    Kind.BOOLEAN: _fit_bool,
    Kind.TIME: _fit_time,
}


def _condition(making: Making, condition: Condition) -> Callable[[Values], bool]:
    source, test = making.named(condition.column), condition.test()

    def holds(row: Values) -> bool:
        try:
            value = text_of(source(row))
        except Empty:
            return test(None)
        try:
            return test(value)
        except ValueError as why:
            raise Unmapped(str(why)) from None

    return holds
