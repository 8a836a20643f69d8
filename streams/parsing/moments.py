"""Moments that people give: a time with an offset, or a plain day in Asia/Jakarta."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from dompet.schemas.errors import DompetError
from dompet.schemas.rules import day_start_us

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def until_us(flag: str, text: str) -> int:
    """The moment in UTC microseconds; of a plain day its last microsecond. DompetError naming the flag."""
    if day := _day(flag, text):
        return _start_us(day + timedelta(days=1)) - 1
    return _moment_us(flag, text)


def since_us(flag: str, text: str) -> int:
    """The moment in UTC microseconds; of a plain day its first instant. DompetError naming the flag."""
    if day := _day(flag, text):
        return _start_us(day)
    return _moment_us(flag, text)


def _start_us(day: date) -> int:
    return int(day_start_us(day))


def _day(flag: str, text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _wrong(flag, text) from None
    if day == date.max:
        raise _wrong(flag, text)
    return day


def _moment_us(flag: str, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(flag, text) from None
    if moment.tzinfo is None:
        raise _wrong(flag, text)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _wrong(flag: str, text: str) -> DompetError:
    return DompetError(
        f"{flag} is {text!r}: it must be a day such as 2020-12-15 (in Asia/Jakarta), "
        "or a time with its offset such as 2020-12-15T08:00:00+07:00"
    )
