"""Moments that people type: a plain day in Asia/Jakarta, a time with its offset, or integer microseconds."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, overload

from dompet.schemas.errors import DompetError
from dompet.schemas.jakarta import day_start_us
from dompet.schemas.times import read_day, read_time

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS: Final = re.compile(r"[0-9]{15,16}")
"""UTC microseconds of every moment from 2000 to 2100 have so many digits; 20200411 may be meant as a day."""


@overload
def until_us(flag: str, text: str) -> int: ...
@overload
def until_us(flag: str, text: str | None) -> int | None: ...
def until_us(flag: str, text: str | None) -> int | None:
    """The moment in UTC microseconds; of a plain day its last microsecond; None where no text is given.

    Raises DompetError, which names the flag.
    """
    if text is None:
        return None
    moment = _moment(flag, text)
    return moment if isinstance(moment, int) else int(day_start_us(moment + timedelta(days=1))) - 1


@overload
def since_us(flag: str, text: str) -> int: ...
@overload
def since_us(flag: str, text: str | None) -> int | None: ...
def since_us(flag: str, text: str | None) -> int | None:
    """The moment in UTC microseconds; of a plain day its first; None where no text is given.

    Raises DompetError, which names the flag.
    """
    if text is None:
        return None
    moment = _moment(flag, text)
    return moment if isinstance(moment, int) else int(day_start_us(moment))


def microseconds(time: datetime) -> int:
    """UTC microseconds since 1970 of a time with an offset."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def _moment(flag: str, text: str) -> int | date:
    """A day as such, all else in UTC microseconds."""
    try:
        if (day := read_day(text)) and day != date.max:
            return day
        return int(text) if _MICROSECONDS.fullmatch(text) else microseconds(read_time(text))
    except ValueError:
        raise DompetError(
            f"{flag} is {text!r}: it must be a day such as 2020-12-15 (in Asia/Jakarta), "
            "or a time with its offset such as 2020-12-15T08:00:00+07:00"
        ) from None
