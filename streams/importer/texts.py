"""Texts of an export as whole numbers, dates and times, and values as texts."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from dompet.streams.parsing import texts
from dompet.streams.parsing.dates import DateFormat
from dompet.streams.parsing.numbers import whole_number

_Date = TypeVar("_Date", date, datetime)


class Unmapped(Exception):
    """Why a row cannot be mapped, as one sentence."""


class Empty(Unmapped):
    """A column that is needed is empty."""


def text_of(value: object) -> str:
    """A value as it is in a text: dates in ISO 8601, true and false."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


def shown(value: object) -> str:
    """A value as a sentence shows it: in quotes, and not more than a line of it."""
    return texts.shown(text_of(value))


def whole(name: str, value: object) -> int:
    """A whole number, also from a text such as 350000 or 350000.00. Raises Unmapped, naming it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or (found := whole_number(value)) is None:
        raise not_whole(name, value)
    return found


def not_whole(name: str, value: object) -> Unmapped:
    """That a value is no whole number."""
    return Unmapped(f"{name} is {shown(value)}, not a whole number")


def date_of(name: str, value: object, form: DateFormat | None) -> date:
    """A date, also from a text: ISO 8601, or as the format says. Raises Unmapped, naming it."""
    if isinstance(value, str):
        found = form.read(value) if form else _iso(date.fromisoformat, value)
        if found is None:
            raise Unmapped(f"{name} is {shown(value)}, not a date such as {form.text if form else '2020-04-11'}")
        value = found
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, date):
        raise Unmapped(f"{name} is {shown(value)}, not a date")
    return value


def moment_of(name: str, value: str, form: DateFormat | None) -> datetime:
    """A date with a time from a text: ISO 8601, or as the format says. Raises Unmapped, naming it."""
    found = form.read(value) if form else _iso(datetime.fromisoformat, value)
    if found is None:
        like = form.text if form else "2020-04-11T08:00:00"
        raise Unmapped(f"{name} is {shown(value)}, not a date with a time such as {like}")
    return found


def _iso(read: Callable[[str], _Date], text: str) -> _Date | None:
    try:
        return read(text)
    except ValueError:
        return None
