"""Times as JSON writes them, read by a compiled loop."""

from typing import Any, Final

import numpy as np

from dompet.schemas.compiled import compiled
from dompet.schemas.varints import Bytes

_QUOTE, _DASH, _COLON, _T, _Z, _POINT, _PLUS, _ZERO = (ord(one) for one in '"-:TZ.+0')
_TEN: Final = 10
_SECOND_US: Final = 1_000_000
_MINUTE_US: Final = 60 * _SECOND_US
_FRACTION_DIGITS_MAX: Final = 6
_FEBRUARY: Final = 2
_DAYS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
_DAYS_TO_1970: Final = 719_468


@compiled
def _number(data: Bytes, at: int, digits: int) -> Any:
    """So many digits as a number; one below 0 where there are fewer."""
    found: Any = 0
    for place in range(at, at + digits):
        digit = np.int64(data[place]) - _ZERO
        if digit < 0 or digit >= _TEN:
            return -1
        found = found * _TEN + digit
    return found


@compiled
def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01, in the calendar that counts from March, where a leap day is a year's last."""
    shifted, from_march = year - (month <= _FEBRUARY), (month + 9) % 12
    era, of_era = shifted // 400, shifted % 400
    day_of_year = (153 * from_march + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + day_of_year - _DAYS_TO_1970


@compiled
def read_time(data: Bytes, at: int) -> tuple[int, int]:
    """The time in UTC microseconds since 1970 that begins at a position, and the position after its closing quote, or
    -1 for that where it is not `2020-04-11T08:00:00`, a fraction of at most six digits, and `Z` or an offset.
    """
    year, month, day = _number(data, at, 4), _number(data, at + 5, 2), _number(data, at + 8, 2)
    hour, minute, second = _number(data, at + 11, 2), _number(data, at + 14, 2), _number(data, at + 17, 2)
    marks = data[at + 4] == _DASH and data[at + 7] == _DASH and data[at + 10] == _T
    marks &= data[at + 13] == _COLON and data[at + 16] == _COLON
    if not marks or year < 1 or month < 1 or month > 12 or day < 1:
        return 0, -1
    leap = month == _FEBRUARY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if day > _DAYS[month] + leap or not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        return 0, -1
    seconds = ((_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    fraction_us, at = _read_fraction(data, at + 19)
    offset_us, at = _read_offset(data, at)
    return seconds * _SECOND_US + fraction_us - offset_us, at


@compiled
def _read_fraction(data: Bytes, at: int) -> tuple[int, int]:
    """The microseconds of a fraction, where there is one, and the position after it."""
    if data[at] != _POINT:
        return 0, at
    found, digits = 0, 0
    at += 1
    while digits < _FRACTION_DIGITS_MAX and _number(data, at, 1) >= 0:
        found, digits, at = found * _TEN + _number(data, at, 1), digits + 1, at + 1
    for _ in range(digits, _FRACTION_DIGITS_MAX):
        found *= _TEN
    return found, at if digits else -1


@compiled
def _read_offset(data: Bytes, at: int) -> tuple[int, int]:
    """The microseconds by which an offset is east of UTC, and the position after it and the closing quote, or -1."""
    if at < 0:
        return 0, -1
    if data[at] == _Z:
        return 0, at + 2 if data[at + 1] == _QUOTE else -1
    hours, minutes = _number(data, at + 1, 2), _number(data, at + 4, 2)
    marks = (data[at] == _PLUS or data[at] == _DASH) and data[at + 3] == _COLON and data[at + 6] == _QUOTE
    if not marks or not (0 <= hours <= 23 and 0 <= minutes <= 59):
        return 0, -1
    ahead_us = (hours * 60 + minutes) * _MINUTE_US
    return ahead_us if data[at] == _PLUS else -ahead_us, at + 7
