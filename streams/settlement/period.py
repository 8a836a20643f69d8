"""Days of Asia/Jakarta, from one to another. Stored as the number of days since 1970-01-01."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final, Self

from dompet.schemas.errors import DompetError
from dompet.schemas.times import read_day

JAKARTA: Final = timezone(timedelta(hours=7))
FIRST: Final = date(2000, 1, 1)
LAST: Final = date(2100, 1, 1)
"""Events are from 2000-01-01 up to, not including, 2100-01-01 in UTC, which is the day's seventh hour there."""
_EPOCH: Final = date(1970, 1, 1)
_DAY_US: Final = 86_400_000_000
_AHEAD_US: Final = 7 * 3_600_000_000


class PeriodError(DompetError):
    """What is given is no period."""


@dataclass(frozen=True, order=True)
class Period:
    """From the beginning of its first day to the end of its last one."""

    first: date
    last: date

    @classmethod
    def parsed(cls, first: str, last: str) -> Self:
        """The period of two days such as 2020-04-30; PeriodError where it is none."""
        period = cls(_day("--from", first), _day("--to", last))
        if period.first > period.last:
            raise PeriodError(f"--from {first} is after --to {last}")
        return period

    @classmethod
    def numbered(cls, first: int, last: int) -> Self:
        """The period of two days as they are stored."""
        return cls(day_of(first), day_of(last))

    @property
    def numbers(self) -> dict[str, int]:
        """Both days as they are stored: `first_day` and `last_day`."""
        return {"first_day": (self.first - _EPOCH).days, "last_day": (self.last - _EPOCH).days}

    @property
    def micros(self) -> dict[str, int]:
        """The period in UTC microseconds: `first_us` and, excluded, `end_us`."""
        first, last = self.numbers.values()
        return {"first_us": first * _DAY_US - _AHEAD_US, "end_us": (last + 1) * _DAY_US - _AHEAD_US}

    def meets(self, other: "Period") -> bool:
        """Whether they have a day in common."""
        return self.first <= other.last and other.first <= self.last

    def over(self, now_us: int) -> bool:
        """Whether its last day is over at that moment."""
        return now_us >= self.micros["end_us"]

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


def day_of(number: int) -> date:
    """The day of a number of days since 1970-01-01."""
    return _EPOCH + timedelta(days=number)


def now_us() -> int:
    """The time now in UTC microseconds."""
    return int(datetime.now(UTC).timestamp() * 1_000_000)


def _day(flag: str, text: str) -> date:
    try:
        day = read_day(text)
    except ValueError:
        day = None
    if day is None or not FIRST <= day <= LAST:
        raise PeriodError(f"{flag} {text!r} is no day from {FIRST} to {LAST}, written as 2020-04-30")
    return day
