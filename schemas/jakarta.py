"""Days of the programme: those of Asia/Jakarta."""

from datetime import date, datetime, timedelta, timezone
from functools import cache
from typing import Final

JAKARTA: Final = timezone(timedelta(hours=7), "Asia/Jakarta")
"""Asia/Jakarta has kept UTC+7 without daylight saving since 1964."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=JAKARTA) + timedelta(hours=7)


@cache
def day_start_us(day: date) -> int:
    """The first instant of a day in Asia/Jakarta, in UTC microseconds."""
    return (datetime(day.year, day.month, day.day, tzinfo=JAKARTA) - _EPOCH) // timedelta(microseconds=1)
