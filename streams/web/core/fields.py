"""Filters as the fields of a form: with what was typed, and what is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dompet.schemas.times import read_day
from dompet.streams.answers.filters import PARAMETERS, FilterError
from dompet.streams.web.core.clocks import TIMES, day_and_time
from dompet.streams.web.core.labels import LABELS
from dompet.streams.web.show.language import Language
from dompet.streams.web.show.words import word

_DAYS: Final = frozenset({"from", "to", *TIMES})
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
"""What a browser keeps in a field for a time; it drops all else."""


@dataclass(frozen=True)
class Field:
    """A filter in a form."""

    name: str
    label: str
    value: str
    choices: Sequence[tuple[str, str]] = ()
    type: str = "text"
    wrong: str = ""
    time: "Field | None" = None
    """The time of day beside a day."""


def day_type(text: str) -> str:
    """How a day is typed: as a text where what was typed is none, which a browser's field for days would drop."""
    try:
        is_day = not text or read_day(text) is not None
    except ValueError:
        is_day = False
    return "date" if is_day else "text"


def field_of(language: Language, name: str, given: Mapping[str, str], wrong: Mapping[str, FilterError]) -> Field:
    """A filter as a form shows it, of those that are given."""
    parameter, value, time = PARAMETERS[name], given.get(name, ""), None
    if name in TIMES:
        value, time = _clock(language, name, given, wrong)
    choices = [(choice, language.text(word(choice))) for choice in parameter.choices]
    said = _wrong(language, wrong.get(name), chosen=bool(choices))
    if said and choices:
        choices.insert(0, (value, value))
    kind = day_type(value) if name in _DAYS else "text"
    return Field(name, language.text(LABELS[name]), value, choices, kind, said, time)


def _clock(
    language: Language, name: str, given: Mapping[str, str], wrong: Mapping[str, FilterError]
) -> tuple[str, Field]:
    """A clock's day, and its time of day."""
    beside = TIMES[name]
    day, time = day_and_time(name, given.get(name, ""))
    time = given.get(beside) or time
    kind = "time" if not time or _TIME.fullmatch(time) else "text"
    return day, Field(beside, language.text("time in Jakarta"), time, (), kind, _wrong(language, wrong.get(beside)))


def _wrong(language: Language, wrong: FilterError | None, *, chosen: bool = False) -> str:
    if wrong is None:
        return ""
    return language.text("Choose one of the list." if chosen else f"It must be {wrong.must}.")
