"""The two clocks of a page. A form asks for a day and, beside it, a time of day; an address has one moment of both.

All of it is in Asia/Jakarta, as the times on pages are.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from dompet.streams.answers.filters import PARAMETERS, FilterError
from dompet.streams.web.show.language import ZONE, Language

TIMES: Final = {"as_of": "as_of_time", "known_at": "known_at_time"}
"""By a clock's filter, what its time of day is called in a form."""
MUSTS: Final = ("a time of day such as 14:00", "given with a day such as 2020-12-15")
"""What a time of day can fail to be."""
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME: Final = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:\.0+)?)?")
"""As a browser sends it, and as people write it who have a browser without such a field."""
_SECOND_US: Final = 1_000_000
_SPLIT_MOST_US: Final = 250_000_000_000 * _SECOND_US
"""A calendar ends soon after."""


def one_moment(given: Mapping[str, str]) -> dict[str, str] | None:
    """The filters of an address with each time of day put into its moment. None where there is nothing to put
    together, or something that was typed does not hold: the page then says what, and keeps it as it was typed.
    """
    typed = [(name, time) for name, time in TIMES.items() if time in given]
    if not typed or wrong_times(given):
        return None
    moments = {name: _joined(given.get(name, ""), given[time]) for name, time in typed}
    if any(given[time] and _us(name, moments[name]) is None for name, time in typed):
        return None
    left = {name: text for name, text in given.items() if name not in TIMES.values()}
    return {**left, **moments}


def wrong_times(given: Mapping[str, str]) -> dict[str, FilterError]:
    """By the name of a time of day that does not hold, what it must be."""
    wrong = {}
    for name, time in TIMES.items():
        if text := given.get(time):
            is_time = _TIME.fullmatch(text) and _us(name, _joined("2020-01-01", text)) is not None
            must = MUSTS[1] if is_time else MUSTS[0]
            if not is_time or not _DAY.fullmatch(given.get(name, "")):
                wrong[time] = FilterError(time, text[:64], must)
    return wrong


def day_and_time(name: str, text: str) -> tuple[str, str]:
    """A filter's moment as the two fields of a form. The whole of it is in the first where it is a day, or none, or
    finer than a second.
    """
    us = None if _DAY.fullmatch(text) else _us(name, text)
    if us is None or us % _SECOND_US or not 0 < us < _SPLIT_MOST_US:
        return text, ""
    moment = datetime.fromtimestamp(us // _SECOND_US, ZONE)
    return moment.date().isoformat(), moment.strftime("%H:%M:%S").removesuffix(":00")


def moment_said(name: str, text: str, language: Language) -> str:
    """A filter's moment for people; as it was typed where it is none."""
    if (us := _us(name, text)) is None or not 0 < us < _SPLIT_MOST_US:
        return text
    moment = datetime.fromtimestamp(us // _SECOND_US, ZONE)
    if _DAY.fullmatch(text):
        return language.text("the end of %(day)s", day=language.day(moment.date()))
    return language.exact(moment) if moment.second else language.moment(moment)


def _joined(day: str, time: str) -> str:
    """A day with its time of day, if there is one."""
    found = _TIME.fullmatch(time)
    if not found:
        return day
    hours, minutes, seconds = found.groups()
    return f"{day}T{hours:0>2}:{minutes}" + (f":{seconds}" if seconds and seconds != "00" else "")


def _us(name: str, text: str) -> int | None:
    """The moment in UTC microseconds; None where it is none."""
    try:
        us: int = PARAMETERS[name].read(name, text)
    except FilterError:
        return None
    return us
