"""What a value in a mapping may be: a constant, or a table that says how to get it from a row.

The kind of such a table is known by its first key: `column`, `text`, `number`, `day`, `time` or `hash`.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, field_validator

from dompet.streams.parsing.dates import DateFormat
from dompet.streams.parsing.shape import NumberShape

Constant = str | int | bool | date | datetime
"""A value as TOML has it."""

KINDS: Final = ("column", "text", "number", "day", "time", "hash")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]+)\}")


class Strict(BaseModel):
    """What all tables of a mapping have in common: no other keys, no value taken for another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _constant(value: object) -> object:
    if not isinstance(value, Constant):
        raise ValueError("must be a text, a whole number, true, false, a date or a date with a time")
    return value


Plain = Annotated[Any, BeforeValidator(_constant)]
Name = Annotated[str, Field(min_length=1)]
"""A column of the row, `input.column` of a joined one, or a name of [values]."""


class FromColumn(Strict):
    """What a column holds, or what `map` says for it; `default` where it is empty."""

    column: Name
    map: dict[str, Plain] | None = None
    default: Plain | None = None

    def names(self) -> Iterator[str]:
        """The names that it is made from."""
        yield self.column


class FromText(Strict):
    """A text in which `{name}` is replaced by what that name has."""

    text: Annotated[str, Field(min_length=1)]

    @field_validator("text")
    @classmethod
    def _braces(cls, value: str) -> str:
        if set("{}") & set(_PLACEHOLDER.sub("", value)):
            raise ValueError("a brace without its partner; names are between { and }")
        return value

    def parts(self) -> list[str]:
        """Texts and names in turn, a text first and last."""
        return _PLACEHOLDER.split(self.text)

    def names(self) -> Iterator[str]:
        """The names that it is made from."""
        yield from self.parts()[1::2]


class FromNumber(Strict, NumberShape):
    """A whole number as exports write it: digits in groups of three, `.00` after the decimal mark."""

    number: Name
    times: int = 1
    default: int | None = None

    def names(self) -> Iterator[str]:
        """The names that it is made from."""
        yield self.number


def _working(pattern: str | None) -> str | None:
    if pattern is not None:
        try:
            DateFormat(pattern)
        except ValueError as error:
            raise ValueError(f"not a format of dates and times: {error}") from None
    return pattern


Pattern = Annotated[str | None, AfterValidator(_working)]


class FromDay(Strict):
    """A day, so many days later or earlier, at a time of day in the mapping's zone."""

    day: Name
    format: Pattern = None
    plus_days: Name | int = 0
    at: time = time()

    def names(self) -> Iterator[str]:
        """The names that it is made from."""
        yield self.day
        if isinstance(self.plus_days, str):
            yield self.plus_days


class FromTime(Strict):
    """A date with a time: ISO 8601, or as `format` says; in the mapping's zone where it has no offset of its own."""

    time: Name
    format: Pattern = None

    def names(self) -> Iterator[str]:
        """The names that it is made from."""
        yield self.time


class FromHash(Strict):
    """A pseudonym: 32 hex digits of HMAC-SHA256 under the mapping's salt."""

    hash: Name

    def names(self) -> Iterator[str]:
        """The names that it is made from."""
        yield self.hash


Made = FromColumn | FromText | FromNumber | FromDay | FromTime | FromHash


def _kind(value: object) -> str:
    if isinstance(value, Made):
        return type(value).__name__.removeprefix("From").lower()
    if isinstance(value, dict):
        return next((kind for kind in KINDS if kind in value), "unknown")
    return "constant"


Value = Annotated[
    Annotated[FromColumn, Tag("column")]
    | Annotated[FromText, Tag("text")]
    | Annotated[FromNumber, Tag("number")]
    | Annotated[FromDay, Tag("day")]
    | Annotated[FromTime, Tag("time")]
    | Annotated[FromHash, Tag("hash")]
    | Annotated[Plain, Tag("constant")],
    Discriminator(
        _kind,
        custom_error_type="value",
        custom_error_message="needs one of the keys column, text, number, day, time, hash",
    ),
]
"""A constant, or how to make a value from a row."""
