"""One entry of a catalogue file to its listing: values as TOML or CSV have them, times and days as people write."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Final, get_args, get_type_hints

from dompet.schemas.catalogue import LISTING_CLASSES, InvalidListing, Listing, encode_listing
from dompet.schemas.jakarta import day_start_us
from dompet.schemas.times import read_day, read_time
from dompet.streams.parsing.moments import microseconds
from dompet.streams.parsing.numbers import whole_number
from dompet.streams.parsing.texts import shown

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,20}")
_TIMES: Final = frozenset({"valid_from", "valid_to"})
_BOOLEANS: Final[Mapping[str, bool]] = MappingProxyType({"true": True, "false": False})


def listing_of(type_name: str, said: Mapping[str, Any]) -> Listing:
    """The listing of an entry; what may be null may be left out. Raises InvalidListing."""
    kinds = kinds_of(type_name)
    values = {name: None for name, (_, nullable) in kinds.items() if nullable} | dict(said)
    for name, value in values.items():
        if name in _TIMES and value is not None:
            values[name] = _read(type_name, name, moment_us, value)
        elif name in kinds and kinds[name][0] is date and value is not None:
            values[name] = _read(type_name, name, _day, value)
        elif isinstance(value, int) and value < 0:
            raise InvalidListing(f"{type_name}: {name} is {value}; it cannot be below zero")
    encode_listing(type_name, values)
    return LISTING_CLASSES[type_name](**values)


def said_in_texts(type_name: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """The values of an entry of which all is text: empty is null where that may be. Raises InvalidListing."""
    return {name: _value(type_name, name, text) for name, text in texts.items()}


def moment_us(value: Any) -> int:
    """UTC microseconds of a time: integer microseconds, ISO 8601 with an offset, or a day, which is its first instant
    in Asia/Jakarta; as text, or as TOML has it. Raises ValueError, which says what is wrong.
    """
    if isinstance(value, str):
        value = _parsed(value.strip())
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError("has no offset from UTC, such as Z or +07:00")
        return microseconds(value)
    if isinstance(value, date):
        return day_start_us(value)
    raise ValueError("is not a time, such as 2020-04-11T15:00:00+07:00, 2020-04-11 or integer microseconds")


def _parsed(text: str) -> int | date:
    """What the text of a time says. Raises ValueError where it says none."""
    return int(text) if _WHOLE.fullmatch(text) else read_day(text) or read_time(text)


def _day(value: Any) -> date:
    if isinstance(value, str):
        value = read_day(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("is not a day, such as 2020-03-20")


def _read(type_name: str, name: str, read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise InvalidListing(f"{type_name}: {name} {error}") from None


def _value(type_name: str, name: str, text: str) -> Any:
    kind, nullable = kinds_of(type_name)[name]
    if nullable and not text:
        return None
    if name in _TIMES or kind in (str, date):
        return text
    if kind is bool:
        if text.lower() not in _BOOLEANS:
            raise InvalidListing(f"{type_name}: {name} must be true or false")
        return _BOOLEANS[text.lower()]
    if (number := whole_number(text)) is None:
        raise InvalidListing(f"{type_name}: {name} is not a whole number: {shown(text)}")
    return number


@cache
def kinds_of(type_name: str) -> Mapping[str, tuple[type, bool]]:
    """Of each field its Python type, and whether it may be null."""
    hints = get_type_hints(LISTING_CLASSES[type_name])
    named = {
        field.name: get_args(hints[field.name]) or (hints[field.name],) for field in fields(LISTING_CLASSES[type_name])
    }
    return {name: (types[0], type(None) in types) for name, types in named.items()}
