"""One event ⇄ its bytes on the log, one at a time: the publisher's way in, and the path that explains a bad record.

The wire format is Confluent's: a byte 0, the schema id in 4 bytes (big-endian), the Avro body. A record is valid if and
only if its value is the canonical Avro encoding of what is read from it and keeps the limits of `limits.py`.
"""

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any, Final

from dompet.schemas.binary import Reader
from dompet.schemas.contracts import Contract, Field, Kind, events_by_id, events_by_name
from dompet.schemas.dead import (
    BadMagic,
    KeyMismatch,
    NullValue,
    TrailingBytes,
    Truncated,
    UnknownSchema,
    WrongPartition,
)
from dompet.schemas.errors import InvalidEvent
from dompet.schemas.events import EVENT_CLASSES, Event
from dompet.schemas.fields import field_writer
from dompet.schemas.limits import string_fault, time_fault
from dompet.schemas.murmur2 import partition_of

HEADER_BYTES: Final = 5


def encode(event: Event) -> bytes:
    """The event's value on the log, by the newest contract of its type.

    Raises InvalidEvent, naming the type, the field and what is wrong with it.
    """
    encoder = _encoders_by_class().get(type(event))
    if encoder is None:
        raise unknown_type(type(event).__name__)
    return encoder.encode(encoder.values(event))


def encode_fields(type_name: str, fields: Mapping[str, object]) -> bytes:
    """The same for fields in a mapping: every one must be there, only a nullable one may be left out.

    Times may be integer microseconds since 1970-01-01 UTC. Raises InvalidEvent.
    """
    encoder = _encoders().get(type_name)
    if encoder is None:
        raise unknown_type(type_name)
    return encoder.encode(encoder.pick(fields))


def check_names(type_name: str, names: Collection[str]) -> Contract:
    """The newest contract of a type, whose fields these are; InvalidEvent where there is none, a field is missing or
    one is not its own.
    """
    encoder = _encoders().get(type_name)
    if encoder is None:
        raise unknown_type(type_name)
    encoder.pick(dict.fromkeys(names))
    return events_by_name()[type_name]


def header_of(schema_id: int) -> bytes:
    """What a value of this schema begins with."""
    return b"\0" + schema_id.to_bytes(HEADER_BYTES - 1, "big")


def unknown_type(name: str) -> InvalidEvent:
    """The error for a type name that no event has; it names the nearest one that exists."""
    nearest = get_close_matches(name, events_by_name(), n=1)
    return InvalidEvent(f"{name!r} is not an event type" + "".join(f"; did you mean {match}?" for match in nearest))


def decode(value: bytes) -> tuple[str, dict[str, object]]:
    """The type's name and the fields, times as integer microseconds. Raises a DeadRecord, the first that holds of:

    Truncated (no whole header), BadMagic, UnknownSchema; then field by field Truncated, NotCanonical, NotUtf8; then
    TrailingBytes; then field by field OutsideLimits, TimeOutsideLimits, NationalId.
    """
    if len(value) < HEADER_BYTES:
        raise Truncated(f"the value has {len(value)} bytes; its header alone has {HEADER_BYTES}")
    if value[0] != 0:
        raise BadMagic(f"the value begins with the byte {value[0]}; the wire format begins with 0")
    schema_id = int.from_bytes(value[1:HEADER_BYTES], "big")
    contract = events_by_id().get(schema_id)
    if contract is None:
        raise UnknownSchema(f"schema id {schema_id} belongs to no event contract")
    reader = Reader(value, HEADER_BYTES)
    fields = {field.name: _read(reader, field) for field in contract.fields}
    if reader.left:
        raise TrailingBytes(f"{reader.left} bytes are left over after the last field")
    _keep_limits(contract, fields)
    return contract.name, fields


def examine(
    key: bytes | None, value: bytes | None, partition: int, partition_count: int
) -> tuple[str, dict[str, object]]:
    """The whole verdict on one record of the log: what `decode` gives, or raises, for a valid record in its place.

    Raises a DeadRecord, the first that holds of: NullValue, those of `decode` in their order, KeyMismatch,
    WrongPartition.
    """
    if value is None:
        raise NullValue("the record has no value")
    name, fields = decode(value)
    if key is None:
        raise KeyMismatch("the record has no key; beneficiary_id is required")
    if key != str(fields["beneficiary_id"]).encode():
        raise KeyMismatch("the record's key is not its beneficiary_id")
    if partition != (right := partition_of(key, partition_count)):
        raise WrongPartition(f"the record is in partition {partition}; its key belongs to partition {right}")
    return name, fields


def _read(reader: Reader, field: Field) -> object:
    match field.kind:
        case Kind.STRING:
            return reader.string(field.name)
        case Kind.LONG | Kind.TIME:
            return reader.long(field.name)
        case Kind.BOOLEAN:
            return reader.boolean(field.name)
        case Kind.NULLABLE_LONG:
            return reader.nullable_long(field.name)


def _keep_limits(contract: Contract, fields: Mapping[str, Any]) -> None:
    for field in contract.fields:
        value = fields[field.name]
        fault = None
        if field.kind is Kind.STRING:
            fault = string_fault(field.name, value, len(value.encode()))
        elif field.kind is Kind.TIME:
            fault = time_fault(field.name, value)
        if fault is not None:
            raise fault


class _Encoder:
    """Writes the fields of one contract, in order."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._names = [field.name for field in contract.fields]
        self._nulls = {field.name: None for field in contract.fields if field.kind is Kind.NULLABLE_LONG}
        self.values: Callable[[Event], tuple[object, ...]] = attrgetter(*self._names)
        self._items: Callable[[Mapping[str, object]], tuple[object, ...]] = itemgetter(*self._names)
        self._header = header_of(contract.schema_id)
        self._writers = [field_writer(field) for field in contract.fields]

    def encode(self, values: tuple[object, ...]) -> bytes:
        try:
            parts = [write(value) for write, value in zip(self._writers, values, strict=True)]
        except InvalidEvent as fault:
            raise InvalidEvent(f"{self._contract.name}: {fault}") from None
        return self._header + b"".join(parts)

    def pick(self, given: Mapping[str, object]) -> tuple[object, ...]:
        """The values of `given` in the contract's order. Raises InvalidEvent for a field missing or unknown."""
        if self._nulls:
            given = {**self._nulls, **given}
        try:
            values = self._items(given)
        except KeyError as missing:
            also = f"; {self._unknown(given)}" if given.keys() - set(self._names) else ""
            raise InvalidEvent(f"{self._contract.name}: {missing.args[0]} is missing{also}") from None
        if len(given) > len(values):
            raise InvalidEvent(f"{self._contract.name}: {self._unknown(given)}")
        return values

    def _unknown(self, given: Mapping[str, object]) -> str:
        return f"it has no field {min(given.keys() - set(self._names), key=str)!r}"


@cache
def _encoders() -> Mapping[str, _Encoder]:
    return {name: _Encoder(contract) for name, contract in events_by_name().items()}


@cache
def _encoders_by_class() -> Mapping[type[Event], _Encoder]:
    return {cls: _encoders()[name] for name, cls in EVENT_CLASSES.items()}
