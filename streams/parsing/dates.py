"""Days and times as people and programs write them, by a format such as `%d %B %Y %I:%M %p`.

The letters are those of Python's `strptime`. Names of months and days of the week are Indonesian or English, in full or
short, in any case; a day of the week that is not the date's is refused.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

from dompet.streams.parsing.numbers import SPACES

ISO_DAY: Final = "%Y-%m-%d"

_MONTHS: Final = (
    "january januari jan",
    "february februari pebruari feb peb",
    "march maret mar mrt",
    "april apr",
    "may mei",
    "june juni jun",
    "july juli jul",
    "august agustus aug agu agt ags agust",
    "september sept sep",
    "october oktober oct okt",
    "november nopember nov nop",
    "december desember dec des",
)
_WEEKDAYS: Final = (
    "monday senin mon sen",
    "tuesday selasa tue tues sel",
    "wednesday rabu wed rab",
    "thursday kamis thu thurs kam",
    "friday jumat jum'at fri jum",
    "saturday sabtu sat sab",
    "sunday minggu ahad sun min",
)
_ZONES: Final[Mapping[str, int]] = {"utc": 0, "gmt": 0, "z": 0, "wib": 7, "wita": 8, "wit": 9}
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys("bB", _MONTHS),
    **dict.fromkeys("aA", _WEEKDAYS),
    "p": ("am a.m.", "pm p.m."),
    "Z": tuple(_ZONES),
}
_DIGITS: Final[Mapping[str, int]] = {"d": 2, "m": 2, "y": 2, "Y": 4, "H": 2, "I": 2, "M": 2, "S": 2, "j": 3, "f": 6}
_OFFSET: Final = "(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})"
_TOKEN: Final = re.compile(r"%(.?)|(\s+)|([^%\s])", re.DOTALL)
_SPACE: Final = f"[{SPACES}\t]+"
_CENTURY: Final = 69
"""As POSIX has it: 69 is 1969, 68 is 2068."""
_NOON: Final = 12


class DateFormat:
    """A format that is understood. Raises ValueError, which says what is wrong with it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._form = re.compile(_pattern(text), re.IGNORECASE)
        given = set(self._form.groupindex)
        parts = [[letter for letter in some if letter in given] for some in ("Yy", "mbBj", "d", "HI")]
        if [len(some) for some in parts[:2]] != [1, 1] or bool(parts[2]) == ("j" in given):
            raise ValueError("a date needs its day, its month and its year, each once")
        if ("I" in given) != ("p" in given) or len(parts[3]) > 1:
            raise ValueError("a time has %H, or %I and %p")
        self.zoned = bool(given & {"z", "Z"})
        """Whether it has an offset from UTC, or a zone."""
        self.read = lru_cache(4_096)(self._read)
        """The date and time of a text: 00:00 where it has no time, with an offset where it has one; None for none."""

    def _read(self, text: str) -> datetime | None:
        found = self._form.fullmatch(text.strip(SPACES + "\t"))
        if found is None:
            return None
        part = {name: value for name, value in found.groupdict().items() if value is not None}
        try:
            day = _day(part)
            hour = _hour(part)
            micros = int(part.get("f", "0").ljust(6, "0"))
            moment = day.replace(
                hour=hour, minute=int(part.get("M", 0)), second=int(part.get("S", 0)), microsecond=micros
            )
        except (ValueError, OverflowError):
            return None
        agrees = all(_index(name, part[name]) == moment.weekday() for name in "aA" if name in part)
        return moment.replace(tzinfo=_zone(part)) if agrees else None


def _pattern(text: str) -> str:
    """The format as a regular expression, with a group for each letter."""
    tokens = _TOKEN.findall(text)
    pattern, used = "", set()
    for at, (letter, space, literal) in enumerate(tokens):
        if letter and letter != "%":
            if letter in used or letter not in {*_DIGITS, *_NAMES, "z"}:
                raise ValueError(f"%{letter} {'is in it twice' if letter in used else 'is no part of a date'}")
            used.add(letter)
            beside = tokens[max(at - 1, 0) : at] + tokens[at + 1 : at + 2]
            pattern += _part(letter, tight=any(one[0] in _DIGITS or one[2].isdigit() for one in beside))
        elif not (letter or space or literal):
            raise ValueError("it ends with a single %")
        else:
            pattern += _SPACE if space else re.escape(literal or letter)
    return pattern


def _part(letter: str, *, tight: bool) -> str:
    """A letter's group. Beside other digits, and for a year, a number has all of its own."""
    if letter == "z":
        return _OFFSET
    if letter in _NAMES:
        words = sorted((word for words in _NAMES[letter] for word in words.split()), key=len, reverse=True)
        return rf"(?P<{letter}>{'|'.join(map(re.escape, words))})" + (r"\.?" if letter in "abAB" else "")
    most = _DIGITS[letter]
    return f"(?P<{letter}>[0-9]{{{most if tight or letter == 'Y' else 1},{most}}})"


def _index(letter: str, word: str) -> int:
    """Which of its names a word is, from 0."""
    return next(at for at, words in enumerate(_NAMES[letter]) if word.casefold() in words.split())


def _day(part: Mapping[str, str]) -> datetime:
    short = int(part.get("y", 0))
    year = int(part["Y"]) if "Y" in part else short + (2000 if short < _CENTURY else 1900)
    if "j" in part:
        day = datetime(year, 1, 1) + timedelta(days=int(part["j"]) - 1)
        if day.year != year:
            raise ValueError
        return day
    name = part.get("b") or part.get("B")
    return datetime(year, _index("b", name) + 1 if name else int(part["m"]), int(part["d"]))


def _hour(part: Mapping[str, str]) -> int:
    if "I" not in part:
        return int(part.get("H", 0))
    if not 1 <= int(part["I"]) <= _NOON:
        raise ValueError
    return int(part["I"]) % _NOON + _NOON * _index("p", part["p"])


def _zone(part: Mapping[str, str]) -> tzinfo | None:
    if name := part.get("Z"):
        return timezone(timedelta(hours=_ZONES[name.casefold()]))
    if not (offset := part.get("z")):
        return None
    if offset in "Zz":
        return UTC
    digits = offset[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(shift if offset[0] == "+" else -shift)
