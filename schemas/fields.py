"""One field of an event to its canonical Avro bytes, checked: its type, and the limits of every event."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from dompet.schemas.binary import write_long
from dompet.schemas.contracts import Field, Kind
from dompet.schemas.errors import InvalidEvent
from dompet.schemas.limits import (
    FREE_TEXT,
    ID_BYTES_MAX,
    INT64_MAX,
    INT64_MIN,
    TEXT_BYTES_MAX,
    string_fault,
    time_fault,
)

Write = Callable[[Any], bytes]
"""Takes a field's value and gives its bytes; raises InvalidEvent, naming the field and what is wrong."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SIZES: Final = tuple(write_long(size) for size in range(TEXT_BYTES_MAX + 1))


def field_writer(field: Field) -> Write:
    """The writer of one field of a contract, made once."""
    make = {
        Kind.STRING: _string_writer,
        Kind.LONG: _long_writer,
        Kind.TIME: _time_writer,
        Kind.BOOLEAN: _boolean_writer,
        Kind.NULLABLE_LONG: _nullable_long_writer,
    }
    return make[field.kind](field.name)


def _string_writer(name: str) -> Write:
    plain = name not in FREE_TEXT and name != "beneficiary_id"

    def write(value: object) -> bytes:
        if not isinstance(value, str):
            raise InvalidEvent(f"{name} is {_named(value)}; a string is required")
        try:
            data = value.encode()
        except UnicodeEncodeError:
            raise InvalidEvent(f"{name} is not valid UTF-8") from None
        size = len(data)
        # What is plainly within the limits is not asked again: this runs for every string of every event.
        fits = plain and 0 < size <= ID_BYTES_MAX and value.isprintable()
        if not fits and (fault := string_fault(name, value, size)):
            raise InvalidEvent(str(fault))
        return _SIZES[size] + data

    return write


def _long_writer(name: str) -> Write:
    def write(value: object) -> bytes:
        if not isinstance(value, int) or isinstance(value, bool):
            raise InvalidEvent(f"{name} is {_named(value)}; a whole number is required")
        if not INT64_MIN <= value <= INT64_MAX:
            raise InvalidEvent(f"{name} is a number beyond 64 bits")
        return write_long(value)

    return write


def _time_writer(name: str) -> Write:
    def write(value: object) -> bytes:
        if isinstance(value, datetime):
            if value.utcoffset() is None:
                raise InvalidEvent(f"{name} has no offset from UTC")
            micros = (value - _EPOCH) // _MICROSECOND
        elif isinstance(value, int) and not isinstance(value, bool):
            micros = value
        else:
            raise InvalidEvent(f"{name} is {_named(value)}; a time with an offset or integer microseconds are required")
        if fault := time_fault(name, micros):
            raise InvalidEvent(str(fault))
        return write_long(micros)

    return write


def _boolean_writer(name: str) -> Write:
    def write(value: object) -> bytes:
        if not isinstance(value, bool):
            raise InvalidEvent(f"{name} is {_named(value)}; a boolean is required")
        return b"\1" if value else b"\0"

    return write


def _nullable_long_writer(name: str) -> Write:
    write_some = _long_writer(name)
    return lambda value: b"\0" if value is None else b"\2" + write_some(value)


def _named(value: object) -> str:
    """What a value is, in words that hold for Python and JSON alike."""
    names = {
        str: "a string",
        bool: "a boolean",
        int: "a whole number",
        float: "a number with a fraction or exponent",
        type(None): "null",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), f"of type {type(value).__name__}")
