"""Times as texts: ISO 8601 with an offset from UTC, in the forms that can be read in one way only."""

import re
from datetime import date, datetime
from typing import Final

_FINER_THAN_MICROSECONDS: Final = re.compile(r"[.,][0-9]{7}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME: Final = re.compile(
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
    r"|[0-9]{8}[Tt][0-9]{4}(?:[0-9]{2}(?:[.,][0-9]+)?)?)"
    r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
"""The forms of ISO 8601 that are taken, whatever a release of Python takes besides: it would read half a minute,
`08:30.5`, as half a second.
"""


def read_time(text: str) -> datetime:
    """A time with its offset. Raises ValueError, whose words go on from the name of what was read."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or not _DATE_TIME.fullmatch(text):
        raise ValueError("is not an ISO 8601 date and time, such as 2020-04-11T15:00:00+07:00")
    if time.utcoffset() is None:
        raise ValueError("has no offset from UTC, such as Z or +07:00")
    if _FINER_THAN_MICROSECONDS.search(text):
        raise ValueError("is finer than a microsecond")
    return time


def read_day(text: str) -> date | None:
    """A day as 2020-04-11; None where the text has another form. Raises ValueError where no calendar has the day."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None
