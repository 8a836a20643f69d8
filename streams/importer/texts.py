"""Texts of an export as whole numbers, dates and times, and values as texts."""

from datetime import date, datetime
from typing import Final

from dompet.streams.parsing.numbers import whole_number

_SHOWN_MAX: Final = 40


class Unmapped(Exception):
    """Why a row cannot be mapped, as one sentence."""


class Empty(Unmapped):
    """A column that is needed is empty."""


def text_of(value: object) -> str:
    """A value as it stands in a text: dates in ISO 8601, true and false."""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


def shown(value: object) -> str:
    """A value as a sentence shows it: in quotes, and not more than a line of it."""
    text = text_of(value)
    return repr(text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…")


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


def date_of(name: str, value: object, pattern: str | None) -> date:
    """A date, also from a text: ISO 8601, or as the pattern says. Raises Unmapped, naming it."""
    if isinstance(value, str):
        try:
            return datetime.strptime(value, pattern).date() if pattern else date.fromisoformat(value)
        except ValueError:
            like = pattern or "2020-04-11"
            raise Unmapped(f"{name} is {shown(value)}, not a date such as {like}") from None
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, date):
        raise Unmapped(f"{name} is {shown(value)}, not a date")
    return value


def moment_of(name: str, value: str, pattern: str | None) -> datetime:
    """A date with a time from a text: ISO 8601, or as the pattern says. Raises Unmapped, naming it."""
    try:
        return datetime.strptime(value, pattern) if pattern else datetime.fromisoformat(value)
    except ValueError:
        like = pattern or "2020-04-11T08:00:00"
        raise Unmapped(f"{name} is {shown(value)}, not a date with a time such as {like}") from None
