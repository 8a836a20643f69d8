"""What may be asked of an answer, as it is written in an address: declared once, for pages and the API."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dompet.projections.vocabulary import Flag
from dompet.schemas.errors import DompetError
from dompet.schemas.events import EVENT_CLASSES
from dompet.streams.parsing.moments import since_us, until_us
from dompet.streams.warehouse.base import bound

STEPS: Final = ("purchased", "redeemed", "attended", "completed", "reviewed", "refunded", "flagged", "cleared")
STATES: Final = ("purchased", "redeemed", "completed", "reviewed", "refunded")
STATUSES: Final = ("active", "suspended", "expired", "revoked", "blacklisted")
OUTCOMES: Final = ("accepted", "duplicate", "rejected")
JUDGEMENTS: Final = (
    "platform_not_active",
    "course_not_listed",
    "price_above_listed",
    "price_above_outside",
    "free_elsewhere",
    "same_owner",
)
AGES: Final = ("under_30", "under_60", "under_90", "over_90")
_TEXT_BYTES_MAX: Final = 512
_LOCAL: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?")
"""A time without an offset, which is of Asia/Jakarta, as all days are."""
_BLANK: Final = re.compile(r"(?<=:\d{2}) (?=\d{2}:?\d{2}$)")
"""What is left of an offset's plus sign that was written into an address as it is."""


class FilterError(DompetError):
    """A filter has a value that it cannot have; `name` is the filter's."""

    def __init__(self, name: str, value: str, must: str) -> None:
        super().__init__(f"{name} is {value!r}: it must be {must}")
        self.name = name
        self.value = value
        self.must = must


@dataclass(frozen=True)
class Filters:
    """The filters that are given; what is None does not matter. Times are UTC microseconds.

    `happened_us` and `known_us` are the two clocks: what had happened by then, as it was known by then.
    """

    platform: str | None = None
    institution: str | None = None
    course: str | None = None
    category: str | None = None
    wave: int | None = None
    decree: str | None = None
    publisher: str | None = None
    person: str | None = None
    type: str | None = None
    outcome: str | None = None
    reason: str | None = None
    state: str | None = None
    step: str | None = None
    flag: str | None = None
    judgement: str | None = None
    status: str | None = None
    age: str | None = None
    pattern: str | None = None
    statement: str | None = None
    run: str | None = None
    by: str | None = None
    grain: str | None = None
    only: str | None = None
    begin_us: int | None = None
    end_us: int | None = None
    happened_us: int | None = None
    known_us: int | None = None
    partitions: int | None = None
    """No filter: how many the log has, which says where a person's events are."""

    def where(self, conditions: Mapping[str, str], *always: str) -> str:
        """A condition in SQL: those whose filter is given, by the filter's name, its value bound; and `always`."""
        given = [condition for name, condition in conditions.items() if getattr(self, name) is not None]
        return bound(" AND ".join([*always, *given]) or "1", vars(self)) if given or always else "1"


@dataclass(frozen=True)
class Parameter:
    """A filter as it is in an address: `field` is its name in `Filters`, `says` what it is, in English."""

    field: str
    says: str
    read: Callable[[str, str], Any]
    choices: tuple[str, ...] = ()
    format: str = ""


def _text(name: str, text: str) -> str:
    plain = not any(ord(one) < 0x20 or ord(one) == 0x7F or 0xD800 <= ord(one) < 0xE000 for one in text)
    if not text or not plain or len(text.encode()) > _TEXT_BYTES_MAX:
        raise FilterError(name, text[:64], "a text of 1 to 512 bytes without control characters")
    return text


def _wave(name: str, text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,19}", text) or not -(1 << 63) <= int(text) < 1 << 63:
        raise FilterError(name, text[:64], "a whole number of 64 bits")
    return int(text)


def _moment(read: Callable[[str, str], int]) -> Callable[[str, str], int]:
    def moment(name: str, text: str) -> int:
        text = f"{text}+07:00" if _LOCAL.fullmatch(text) else _BLANK.sub("+", text)
        try:
            return min(max(read(name, text), 0), (1 << 62))
        except DompetError:
            must = "a day such as 2020-12-15, or a time with its offset such as 2020-12-15T08:00:00+07:00"
            raise FilterError(name, text[:64], must) from None

    return moment


def _one_of(*choices: str) -> Callable[[str, str], str]:
    def choice(name: str, text: str) -> str:
        if text not in choices:
            raise FilterError(name, text[:64], f"one of {', '.join(choices)}")
        return text

    return choice


def _chosen(field: str, says: str, choices: tuple[str, ...]) -> Parameter:
    return Parameter(field, says, _one_of(*choices), choices)


_FLAGS: Final = tuple(str(flag.name).lower() for flag in Flag)
PARAMETERS: Final[dict[str, Parameter]] = {
    "platform": Parameter("platform", "Only of this platform.", _text),
    "institution": Parameter("institution", "Only of this institution.", _text),
    "course": Parameter("course", "Only of this course.", _text),
    "category": Parameter("category", "Only courses of this category, by their newest listing.", _text),
    "wave": Parameter("wave", "Only people of this wave.", _wave, format="integer"),
    "decree": Parameter("decree", "Only people of this decree.", _text),
    "publisher": Parameter("publisher", "Only what this publisher sent.", _text),
    "person": Parameter("person", "Only of this person, by pseudonym.", _text),
    "type": _chosen("type", "Only events of this type.", tuple(EVENT_CLASSES)),
    "outcome": _chosen("outcome", "Only events with this outcome.", OUTCOMES),
    "reason": Parameter("reason", "Only with this reason.", _text),
    "state": _chosen("state", "Only orders in this state.", STATES),
    "step": _chosen("step", "Only orders that reached this step.", STEPS),
    "flag": _chosen("flag", "Only orders that carry this flag.", _FLAGS),
    "judgement": _chosen("judgement", "Only sales that the catalogue judges so.", JUDGEMENTS),
    "status": Parameter("status", "Only in this status.", _text),
    "age": _chosen("age", "Only what is outstanding for so many days.", AGES),
    "pattern": Parameter("pattern", "Only cases of this pattern.", _text),
    "statement": Parameter("statement", "The statement's id.", _text),
    "run": Parameter("run", "The reconciliation's id.", _text),
    "by": _chosen("by", "What the rows are.", ("platform", "institution", "course", "category", "wave")),
    "grain": _chosen("grain", "How long a row's time is.", ("day", "month")),
    "only": _chosen("only", "Only what is open, outstanding, held, or not settled.", ("open", "held", "settled")),
    "from": Parameter("begin_us", "From this day on, in Asia/Jakarta, or from this moment.", _moment(since_us)),
    "to": Parameter("end_us", "To this day's end, in Asia/Jakarta, or to this moment.", _moment(until_us)),
    "as_of": Parameter("happened_us", "What had happened by this day's end, or this moment.", _moment(until_us)),
    "known_at": Parameter("known_us", "What was known by this day's end, or this moment.", _moment(until_us)),
}
"""By the filter's name in an address."""


def filters_of(takes: tuple[str, ...], given: Mapping[str, str]) -> Filters:
    """The filters among `given` that an answer takes; an empty value is none. FilterError where one does not hold."""
    values = {name: text for name, text in given.items() if text and name in takes}
    return Filters(**{PARAMETERS[name].field: PARAMETERS[name].read(name, text) for name, text in values.items()})
